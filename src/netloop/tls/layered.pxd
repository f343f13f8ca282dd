from netloop.tls.encrypted cimport EncryptedStream


cdef class LayeredStream(EncryptedStream):
    cdef object _below(self)

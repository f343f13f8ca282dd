from netloop.net.socket cimport Socket
from netloop.tls.encrypted cimport EncryptedStream


cdef class LayeredStream(EncryptedStream):
    cdef Socket _below(self)
    cdef object _receive_now(self)

from netloop.tls.layered cimport LayeredStream


cdef class InspectedStream(LayeredStream):
    cdef readonly object _options

from netloop.tls.layered cimport LayeredStream
from netloop.tls.options cimport TLSOptions


cdef class InspectedStream(LayeredStream):
    cdef readonly TLSOptions _options

from netloop.http.connection cimport ServerConnection
from netloop.stream.sink cimport Sink


cdef class Incoming(Sink):
    cdef ServerConnection connection

    cdef object take(self, object chunk)

from netloop._engine.text cimport is_text
from netloop.stream.base cimport Stream
from netloop.stream.flow cimport (
    data_wanted, pause, read, read_more, readable_unwanted, readable_wanted, resume)
from netloop.stream.intake cimport push, unshift
from netloop.stream.sink cimport Sink
from netloop.stream.state cimport ReadableState


cdef class Readable(Stream):
    # for the source
    cpdef bint push(self, object chunk, object encoding=*) except -1
    cpdef bint unshift(self, object chunk, object encoding=*) except -1

    # for the consumer
    cpdef object read(self, object size=*)
    cpdef object pause(self)
    cpdef object resume(self)

    # how the halves hear of things
    cdef object _listener_added(self, object event)
    cdef object _listener_removed(self, object event)
    cdef object _find_sink(self)
    cdef object _on_constructed(self)
    cdef object _on_readable_end(self)

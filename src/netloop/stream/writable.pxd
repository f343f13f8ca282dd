from netloop.stream.base cimport Stream
from netloop.stream.finish cimport finish_maybe, on_final
from netloop.stream.state cimport WritableState
from netloop.stream.writing cimport clear_queue, cork, end, on_write, uncork, write


cdef class Writable(Stream):
    cpdef bint write(self, object chunk, object encoding=*, object callback=*) except -1
    cpdef object end(self, object chunk=*, object encoding=*, object callback=*)
    cpdef object cork(self)
    cpdef object uncork(self)

    # how the halves hear of things
    cdef object _on_constructed(self)
    cdef object _on_writable_finish(self)

from netloop.stream.base cimport Stream, call_back, multiple_callback
from netloop.stream.state cimport WritableState

cdef bint _may_finish(Stream stream, WritableState state) except -1
cpdef object finish_maybe(Stream stream, WritableState state)
cpdef object on_final(Stream stream, object error)
cpdef object _finish(Stream stream)

from netloop.stream.base cimport Stream
from netloop.stream.buffer cimport available, take
from netloop.stream.state cimport ReadableState

cdef Py_ssize_t _NO_SIZE, _HIGHEST_MARK

# read
cpdef object read(Stream stream, Py_ssize_t size)
cdef bint _must_fetch(Stream stream, ReadableState state, Py_ssize_t amount) except -1
cdef object _fetch(Stream stream, ReadableState state)
cdef object _deliver(Stream stream, ReadableState state, Py_ssize_t size, Py_ssize_t amount)
# the end
cpdef object end_readable(Stream stream, ReadableState state)
cpdef object _emit_end(Stream stream)
# `readable`
cdef object _announce(Stream stream, ReadableState state)
cpdef object emit_readable(Stream stream, ReadableState state)
cpdef object emit_readable_now(Stream stream)
# asking for more
cpdef object read_more(Stream stream, ReadableState state)
cpdef object _read_more_now(Stream stream)
# flowing and paused
cpdef object flow(Stream stream)
cpdef object resume(Stream stream)
cdef object _schedule_resume(Stream stream, ReadableState state)
cpdef object resume_now(Stream stream)
cpdef object pause(Stream stream)
cpdef object data_wanted(Stream stream)
cpdef object readable_wanted(Stream stream)
cpdef object _read_nothing(Stream stream)
cpdef object readable_unwanted(Stream stream)
cpdef object _reconsider_mode(Stream stream)

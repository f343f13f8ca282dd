import cython

from netloop.events.listener cimport call_fitting
from netloop.stream.base cimport Stream, call_back, multiple_callback
from netloop.stream.finish cimport finish_maybe
from netloop.stream.state cimport WritableState

# write
@cython.locals(taken=Py_ssize_t)
cpdef bint write(Stream stream, object chunk, object encoding=*, object callback=*) except -1
cdef object _as_bytes_or_text(WritableState state, object chunk, object encoding)
cdef object _encoding_of(WritableState state, object chunk, object encoding)
cdef object _refusal(Stream stream, WritableState state)
cdef object _refuse(Stream stream, WritableState state, object callback, str called)
cdef bint _write(Stream stream, WritableState state, object chunk, object encoding, object callback) except -1
# in flight
cdef object _start_write(Stream stream, WritableState state, object chunk, object encoding, object callback)
cdef object _start_writev(Stream stream, WritableState state)
cdef object _on_raise(Stream stream, WritableState state, object error)
cpdef object on_write(Stream stream, object error)
cpdef object clear_queue(Stream stream, WritableState state)
cdef bint _sink_is_free(Stream stream, WritableState state) except -1
# after it
cdef object _complete_later(Stream stream, WritableState state, list callbacks)
cpdef object _complete(Stream stream)
cdef object _after_write(Stream stream, WritableState state, list callbacks)
cpdef object _after_failure(Stream stream, list callbacks, object error)
# cork and end
cpdef object cork(Stream stream)
cpdef object uncork(Stream stream)
cpdef object end(Stream stream, object chunk=*, object encoding=*, object callback=*)
cdef object _start_ending(Stream stream, WritableState state)

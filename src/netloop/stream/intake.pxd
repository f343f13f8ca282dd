from netloop.stream.base cimport Stream
from netloop.stream.buffer cimport append, prepend, take_everything
from netloop.stream.flow cimport emit_readable, emit_readable_now, end_readable, read_more
from netloop.stream.state cimport ReadableState

cpdef bint push(Stream stream, object chunk, object encoding=*) except -1
cdef bint _push(Stream stream, ReadableState state, object chunk, object encoding) except -1
cdef object _push_end(Stream stream, ReadableState state)
cpdef bint unshift(Stream stream, object chunk, object encoding=*) except -1
cpdef object set_encoding(Stream stream, object encoding)
cdef object _add(Stream stream, ReadableState state, object chunk, bint front)
cdef bint _emit_data(Stream stream, ReadableState state, object chunk) except -1
cdef object _as_bytes_or_text(Stream stream, ReadableState state, object chunk, object encoding)
cdef object _as_buffered(Stream stream, ReadableState state, object chunk, object encoding)
cdef object _as_bytes(Stream stream, object chunk)

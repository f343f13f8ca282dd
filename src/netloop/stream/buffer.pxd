from netloop.stream.state cimport ReadableState

cpdef object append(ReadableState state, object chunk)
cpdef object prepend(ReadableState state, object chunk)
cpdef Py_ssize_t available(ReadableState state, Py_ssize_t size) except -1
cpdef object take(ReadableState state, Py_ssize_t size)
cpdef object take_everything(ReadableState state)
cdef object _take_object(ReadableState state)
cdef list _take_pieces(ReadableState state, Py_ssize_t size)
cdef object _cut_first(ReadableState state)

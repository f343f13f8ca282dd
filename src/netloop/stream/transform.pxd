from netloop.stream.base cimport multiple_callback, not_implemented
from netloop.stream.duplex cimport Duplex
from netloop.stream.writing cimport on_write


cdef class Transform(Duplex):
    cdef bint _waiting
    cdef Py_ssize_t _length_before

    # hooks for implementers
    cpdef object _transform(self, object chunk, object encoding, object callback)
    cpdef object _flush(self, object callback)

    # the two halves meet
    cpdef object _write(self, object chunk, object encoding, object callback)
    cdef object _answer_write(self)
    cpdef object _read(self, Py_ssize_t size)
    cpdef object _final(self, object callback)


cdef class PassThrough(Transform):
    cpdef object _transform(self, object chunk, object encoding, object callback)

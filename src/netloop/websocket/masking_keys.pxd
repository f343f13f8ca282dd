import cython


cdef class MaskingKeys:
    cdef bytes _block
    cdef Py_ssize_t _at

    @cython.locals(at=Py_ssize_t, block=bytes)
    cpdef unsigned int take(self) except? 0
    cpdef object discard(self)


cdef class CustomKeys(MaskingKeys):
    cdef object _generate

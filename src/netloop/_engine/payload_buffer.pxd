from cpython.object cimport PyObject
from libc.stdint cimport uint32_t


cdef class PayloadBuffer:
    cdef PyObject *_area            # a bytes object that nobody else has seen yet, or NULL
    cdef Py_ssize_t _capacity
    cdef Py_ssize_t _expected       # how large it will be, as far as the peer has announced it
    cdef readonly Py_ssize_t size
    # UTF-8
    cdef int _state
    cdef Py_ssize_t _checked        # how many of the bytes were validated

    cpdef object expect(self, Py_ssize_t size)
    cpdef object add(self, bytes data, Py_ssize_t start, Py_ssize_t stop)
    cpdef object add_masked(self, bytes data, Py_ssize_t start, Py_ssize_t stop, uint32_t key, unsigned offset)
    cpdef bint is_text_so_far(self) except -1
    cpdef bytes take(self)
    cdef unsigned char *_room(self, bytes data, Py_ssize_t start, Py_ssize_t stop) except NULL

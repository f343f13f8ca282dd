from cpython.object cimport PyObject

cdef enum:
    BLOCK_ROOM = 5120       # bytes: 4 KiB, and what surrounds them
    LEAST_BYTES = 1024      # for fewer malloc has memory at hand
    MOST_BLOCKS = 64        # in a row: as many as handles are called in a group


cdef class Blocks:
    cdef PyObject *_row[MOST_BLOCKS]
    cdef int _next          # the first that is not lent, as far as is known; those right before it may be back

    cdef inline bytes lend(self, Py_ssize_t size):
        """Bytes for the caller to fill; None when `size` is none for a block, or no block is free."""
        return self._lend(size) if LEAST_BYTES <= size <= BLOCK_ROOM else None

    cdef bytes _lend(self, Py_ssize_t size)


cdef int shorten(bytes block, Py_ssize_t size) noexcept
cpdef bytes part(bytes data, Py_ssize_t start, Py_ssize_t stop)

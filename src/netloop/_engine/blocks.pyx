"""Bytes objects of some KB that are filled again when nobody has them any more.

An answer of 4 KB to a message of 4 KB makes three of them: as it was received, its body, and the answer behind its head.
malloc() takes three hundred instructions to find room for each, and as many to take it back.  Here it stays: blocks
stand in a row, which keeps a reference to each.  While that is the only one, no program can see that bytes change.

What a program keeps is its own for as long as it likes.  The row does without it, and where no block is free the bytes
are made anew.  So there is never more room without use than that of the rows, of 320 KiB each.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF
from libc.string cimport memcpy

cdef extern from *:
    """
    #ifdef __GNUC__
    #pragma GCC diagnostic ignored "-Wdeprecated-declarations"      /* ob_shash: nothing else makes bytes forget their hash */
    #endif

    static inline void netloop_resize(PyObject *bytes, Py_ssize_t size) {
        Py_SET_SIZE((PyVarObject *)bytes, size);
        ((PyBytesObject *)bytes)->ob_shash = -1;
        PyBytes_AS_STRING(bytes)[size] = 0;
    }
    """
    void resize "netloop_resize"(PyObject *block, Py_ssize_t size) noexcept
    Py_ssize_t references "Py_REFCNT"(PyObject *block) noexcept
    PyObject *new_bytes "PyBytes_FromStringAndSize"(const char *data, Py_ssize_t size) except NULL


cdef class Blocks:
    """A row of blocks.  Those that came back are lent first: where few are needed at once, few are used, and stay cached."""

    def __dealloc__(self):
        for at in range(MOST_BLOCKS):
            Py_XDECREF(self._row[at])

    cdef bytes _lend(self, Py_ssize_t size):
        cdef PyObject *block
        while self._next > 0 and references(self._row[self._next - 1]) == 1:
            self._next -= 1
        if self._next == MOST_BLOCKS:
            self._next = 0
        block = self._row[self._next]
        if block is NULL:
            block = self._row[self._next] = new_bytes(NULL, BLOCK_ROOM)
        self._next += 1
        if references(block) > 1:
            return None
        resize(block, size)
        return <bytes>block


cdef int shorten(bytes block, Py_ssize_t size) noexcept:
    """Cut a block that was just lent behind what was put there."""
    resize(<PyObject *>block, size)
    return 0


cdef Blocks _parts = Blocks()


cpdef bytes part(bytes data, Py_ssize_t start, Py_ssize_t stop):
    """``data[start:stop]``, which must lie within; `data` itself when that is all of it."""
    cdef bytes copy
    if start == 0 and stop == len(data):
        return data
    if not 0 <= start <= stop <= len(data):
        raise IndexError(f"{start}:{stop} is not within {len(data)} bytes")
    copy = _parts.lend(stop - start)
    if copy is None:
        return PyBytes_FromStringAndSize(PyBytes_AS_STRING(data) + start, stop - start)
    memcpy(PyBytes_AS_STRING(copy), PyBytes_AS_STRING(data) + start, stop - start)
    return copy

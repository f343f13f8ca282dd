"""The payload of a message that arrives in pieces: unmasked, validated and put together in one go.

The pieces are written straight into a bytes object that nobody has seen yet, and `take` hands out that object: a large
message is copied once, from the chunks as they came from the socket.

A peer that announces 100 MiB and sends nothing gets 1 MiB: the area grows, at least twofold, with what really arrives.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from .masking cimport mask_into
from .utf8 cimport INVALID, advance

cdef extern from "Python.h":
    int _PyBytes_Resize(PyObject **area, Py_ssize_t size) except -1

cdef enum:
    ANNOUNCED_BYTES = 1 << 20           # believed without having seen them


cdef class PayloadBuffer:
    """Collects the payload of one message; empty again after `take`."""

    def __dealloc__(self):
        Py_XDECREF(self._area)

    cpdef object expect(self, Py_ssize_t size):
        """So many more bytes are announced."""
        self._expected = self.size + size

    cpdef object add(self, bytes data, Py_ssize_t start, Py_ssize_t stop):
        """Add `data[start:stop]`."""
        cdef unsigned char *room = self._room(data, start, stop)
        memcpy(room, PyBytes_AS_STRING(data) + start, stop - start)
        self.size += stop - start

    cpdef object add_masked(self, bytes data, Py_ssize_t start, Py_ssize_t stop, uint32_t key, unsigned offset):
        """Add `data[start:stop]`, unmasked; its first byte is the one at `offset` of its frame."""
        cdef unsigned char *room = self._room(data, start, stop)
        mask_into(room, <const unsigned char *>PyBytes_AS_STRING(data) + start, stop - start, key, offset)
        self.size += stop - start

    cpdef bint is_text_so_far(self) except -1:
        """Whether all of it is UTF-8, apart from a character at the end that is not complete yet."""
        if self.size > self._checked:
            self._state = advance(self._state, <const unsigned char *>PyBytes_AS_STRING(<object>self._area)
                                  + self._checked, self.size - self._checked)
            self._checked = self.size
        return self._state != INVALID

    cpdef bytes take(self):
        """The payload."""
        cdef bytes payload = b""
        if self.size:
            if self._capacity != self.size:
                _PyBytes_Resize(&self._area, self.size)
            payload = <bytes>self._area
        Py_XDECREF(self._area)
        self._area = NULL
        self._capacity = self._expected = self.size = self._checked = 0
        self._state = 0
        return payload

    cdef unsigned char *_room(self, bytes data, Py_ssize_t start, Py_ssize_t stop) except NULL:
        """Where to write that slice; there is at least one byte more, the NUL at the end of every bytes object."""
        if not 0 <= start <= stop <= len(data):
            raise IndexError(f"{start}:{stop} is not within {len(data)} bytes")
        cdef Py_ssize_t needed = self.size + stop - start
        cdef Py_ssize_t capacity
        if needed > self._capacity or self._area is NULL:
            capacity = max(needed, 2 * self._capacity, min(self._expected, ANNOUNCED_BYTES), 1)
            if self._area is NULL:
                self._area = _new_area(capacity)
            else:
                _PyBytes_Resize(&self._area, capacity)
            self._capacity = capacity
        return <unsigned char *>PyBytes_AS_STRING(<object>self._area) + self.size


cdef PyObject *_new_area(Py_ssize_t capacity) except NULL:
    area = PyBytes_FromStringAndSize(NULL, capacity)
    Py_INCREF(area)
    return <PyObject *>area

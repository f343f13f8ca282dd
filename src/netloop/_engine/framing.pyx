"""WebSocket frames as bytes (RFC 6455 section 5.2): a head of 2 to 14 bytes, then the payload.

`first` is the first byte of a head: FIN, the reserved bits and the opcode.  A frame is one bytes object, allocated once;
only a large payload that is not masked is better left where it is, and sent after its head.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from .masking cimport mask_into

cdef enum:
    MASKED = 0x80           # of the second byte
    TWO_BYTES = 126         # the length follows in so many bytes
    EIGHT_BYTES = 127


cpdef bytes frame_head(int first, Py_ssize_t size):
    """The head of a frame without a mask, for a payload of so many bytes."""
    cdef bytes head = PyBytes_FromStringAndSize(NULL, _head_size(size))
    _write_head(<unsigned char *>PyBytes_AS_STRING(head), first, size, 0)
    return head


cpdef bytes frame(int first, bytes payload):
    """A frame without a mask."""
    cdef Py_ssize_t size = len(payload)
    cdef bytes whole = PyBytes_FromStringAndSize(NULL, _head_size(size) + size)
    memcpy(_write_head(<unsigned char *>PyBytes_AS_STRING(whole), first, size, 0), PyBytes_AS_STRING(payload), size)
    return whole


cpdef bytes masked_frame(int first, bytes payload, uint32_t key):
    """A frame with its payload masked; the first byte of the key is its lowest."""
    cdef Py_ssize_t size = len(payload)
    cdef bytes whole = PyBytes_FromStringAndSize(NULL, _head_size(size) + 4 + size)
    cdef unsigned char *at = _write_head(<unsigned char *>PyBytes_AS_STRING(whole), first, size, MASKED)
    cdef int shift
    for shift in range(0, 32, 8):
        at[0] = key >> shift & 0xFF
        at += 1
    mask_into(at, <const unsigned char *>PyBytes_AS_STRING(payload), size, key, 0)
    return whole


cdef Py_ssize_t _head_size(Py_ssize_t size) noexcept:
    return 2 if size < TWO_BYTES else 4 if size < 65536 else 10


cdef unsigned char *_write_head(unsigned char *at, int first, Py_ssize_t size, int masked) noexcept:
    """Write a head, with the length in as few bytes as it needs; returns the place after it."""
    cdef int width = 0 if size < TWO_BYTES else 2 if size < 65536 else 8
    at[0] = first
    at[1] = masked | (size if width == 0 else TWO_BYTES if width == 2 else EIGHT_BYTES)
    at += 2
    while width:
        width -= 1
        at[0] = (<unsigned long long>size) >> 8 * width & 0xFF
        at += 1
    return at

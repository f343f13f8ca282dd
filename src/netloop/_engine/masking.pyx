"""WebSocket masking: each byte of a payload is XORed with one of the key's four, in turn (RFC 6455 section 5.3).

A masking key is an int here, its first byte the lowest: no object is needed for the four bytes of a frame's head.  Payloads
of some size are taken in the widest registers that the processor has, which is as fast as the memory.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_1BYTE_DATA, PyUnicode_DecodeUTF8, PyUnicode_New
from libc.stdint cimport uint32_t

cdef enum:
    BLOCK_BYTES = 8192          # are still in the processor's cache when they are looked at again


cpdef bytes mask(bytes data, Py_ssize_t start, Py_ssize_t stop, uint32_t key, unsigned offset=0):
    """`data[start:stop]`, masked or unmasked; its first byte is the payload's at `offset`.

    Raises:
        IndexError: that is no slice within the data.
    """
    if not 0 <= start <= stop <= len(data):
        raise IndexError(f"{start}:{stop} is not within {len(data)} bytes")
    cdef bytes masked = PyBytes_FromStringAndSize(NULL, stop - start)
    if stop > start:
        mask_into(<unsigned char *>PyBytes_AS_STRING(masked),
                  <const unsigned char *>PyBytes_AS_STRING(data) + start, stop - start, key, offset)
    return masked


cpdef str unmasked_text(bytes data, Py_ssize_t start, Py_ssize_t stop, uint32_t key):
    """The text in `data[start:stop]`, unmasked; None where it is not UTF-8.

    It is unmasked into a new str, which for ASCII is the one to be returned: no bytes object comes between.

    Raises:
        IndexError: that is no slice within the data.
    """
    if not 0 <= start <= stop <= len(data):
        raise IndexError(f"{start}:{stop} is not within {len(data)} bytes")
    cdef Py_ssize_t size = stop - start
    if size == 0:
        return ""
    cdef object text = PyUnicode_New(size, 127)
    cdef unsigned char *characters = <unsigned char *>PyUnicode_1BYTE_DATA(text)
    cdef const unsigned char *masked = <const unsigned char *>PyBytes_AS_STRING(data) + start
    cdef Py_ssize_t at = 0, block
    cdef bint ascii = True
    while at < size:
        block = min(size - at, <Py_ssize_t>BLOCK_BYTES)
        mask_into(characters + at, masked + at, block, key, 0)
        ascii = ascii and is_ascii(characters + at, block)
        at += block
    if ascii:
        return text
    try:
        return PyUnicode_DecodeUTF8(<char *>characters, size, NULL)
    except UnicodeDecodeError:
        return None

"""Names of header fields in lower case, without making the same few again and again.

A dict would need the hash of bytes that were just cut out, which costs more than all else.  Here a name has one place,
found by its size and three of its letters; who comes later takes it over, so whatever peers send, not more is kept.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcmp

cdef enum:
    PLACES = 256
    LONGEST = 40            # bytes: what is longer is not kept

cdef list _spelled = [b""] * PLACES
cdef list _lower = [""] * PLACES


cpdef str lower_name(bytes name):
    """The name in lower case, as text."""
    cdef Py_ssize_t size = PyBytes_GET_SIZE(name)
    cdef const unsigned char *text = <const unsigned char *>PyBytes_AS_STRING(name)
    cdef Py_ssize_t place
    cdef bytes known
    if not 0 < size <= LONGEST:
        return name.decode("latin-1").lower()
    place = (size + 3 * text[0] + 5 * text[size // 2] + 7 * text[size - 1]) % PLACES
    known = <bytes>_spelled[place]
    if PyBytes_GET_SIZE(known) != size or memcmp(PyBytes_AS_STRING(known), text, size) != 0:
        _lower[place] = name.decode("latin-1").lower()
        _spelled[place] = name
    return <str>_lower[place]

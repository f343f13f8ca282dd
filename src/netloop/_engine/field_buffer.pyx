"""The header fields of a message that is sent, as the bytes that go to the wire.

A head costs one object and no string in between: names and values are copied to where they will stand, each value is
checked on the way, and `serialise` puts the start line before them and the body behind.  Text is Latin-1 here, as in
all of HTTP/1.1 (RFC 9110 section 5.5).
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_Next
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t
from libc.string cimport memchr, memcmp, memcpy, memmove

from .blocks cimport Blocks

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    enum:
        PyUnicode_1BYTE_KIND

cdef extern from *:
    """
    #define EACH UINT64_C(0x0101010101010101)       /* times a byte: eight of them */
    """
    uint64_t EACH

cdef enum:
    TAB = 0x09
    SPACE = 0x20
    DELETE = 0x7F
    DIGITS = 20             # of the largest number
    NEVER = -1

cdef Blocks _blocks = Blocks()      # for what was serialised, until it is sent


cdef class FieldBuffer:
    """Field lines, each with its line end."""

    def __cinit__(self):
        self._data = self._inline
        self._capacity = INLINE
        self._marked = NEVER

    def __dealloc__(self):
        if self._data != self._inline:
            PyMem_Free(self._data)

    cpdef object clear(self):
        """Be empty, and as small as a new one."""
        if self._data != self._inline:
            PyMem_Free(self._data)
            self._data = self._inline
            self._capacity = INLINE
        self.size = 0
        self._marked = NEVER

    cpdef bint add_field(self, str name, str value) except -1:
        """Add a field; False, and nothing added, when `value` has a character that may not stand there.

        `name` is one that was checked: it is a token.
        """
        cdef const unsigned char *text = _latin_1(value)
        cdef Py_ssize_t name_size = PyUnicode_GET_LENGTH(name), size = PyUnicode_GET_LENGTH(value)
        if text is NULL:
            return False
        cdef char *at = self._room(name_size + size + 4)
        memcpy(at, _latin_1(name), name_size)
        at[name_size] = c':'
        at[name_size + 1] = c' '
        if not _is_clean(text, size):
            return False
        memcpy(at + name_size + 2, text, size)
        at[name_size + size + 2] = c'\r'
        at[name_size + size + 3] = c'\n'
        self.size += name_size + size + 4
        return True

    cpdef object mark(self):
        """What stands here are the fields of a program, and more follows that is not: see `repeat`."""
        self._marked = self.size

    cpdef bint repeat(self, dict fields) except -1:
        """Have these fields alone, if they are just those that stood here at `mark`; False, and no change, if not.

        Their names and values are in order then, for they were judged when those lines were added.
        """
        cdef PyObject *name
        cdef PyObject *value
        cdef Py_ssize_t place = 0, at = 0
        while at >= 0 and PyDict_Next(fields, &place, &name, &value):
            at = self._end_of(at, <object>name, <object>value)
        if at < 0 or at != self._marked:
            return False
        self.size = at
        return True

    cdef Py_ssize_t _end_of(self, Py_ssize_t at, object name, object value) noexcept:
        """Where the line ends that begins at `at`, if that is this field; else -1."""
        cdef char *line = self._data + at
        cdef Py_ssize_t name_size, value_size, end
        if type(name) is not str or type(value) is not str or _latin_1(name) is NULL or _latin_1(value) is NULL:
            return -1
        name_size, value_size = PyUnicode_GET_LENGTH(name), PyUnicode_GET_LENGTH(value)
        end = at + name_size + value_size + 4
        if (end > self._marked or memcmp(line, _latin_1(name), name_size) or memcmp(line + name_size, b": ", 2)
                or memcmp(line + name_size + 2, _latin_1(value), value_size) or memcmp(self._data + end - 2, b"\r\n", 2)):
            return -1
        # A name with a colon could be that of the line and a part of its value, a value with a CR that and the next line.
        if memchr(line, c":", name_size) is not NULL or memchr(line + name_size + 2, c"\r", value_size) is not NULL:
            return -1
        return end

    cpdef object add_number(self, str name, unsigned long long value):
        """Add a field with a number that is not negative."""
        cdef char digits[DIGITS]
        cdef int at = DIGITS
        cdef Py_ssize_t name_size = PyUnicode_GET_LENGTH(name)
        while True:
            at -= 1
            digits[at] = c'0' + value % 10
            value //= 10
            if value == 0:
                break
        cdef char *room = self._room(name_size + DIGITS + 4)
        memcpy(room, _latin_1(name), name_size)
        memcpy(room + name_size, b": ", 2)
        memcpy(room + name_size + 2, digits + at, DIGITS - at)
        memcpy(room + name_size + 2 + DIGITS - at, b"\r\n", 2)
        self.size += name_size + DIGITS - at + 4

    cpdef object add_text(self, str text):
        """Add whole lines, for which the caller answers: they are Latin-1, and what was meant."""
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
        cdef const unsigned char *data = _latin_1(text)
        if data is NULL:
            raise ValueError("lines of a head are Latin-1")
        memcpy(self._room(size), data, size)
        self.size += size

    cpdef object cut(self, Py_ssize_t start, Py_ssize_t stop):
        """Take lines out again: those from `start` to `stop`, which `size` said before and after they were added."""
        if not 0 <= start <= stop <= self.size:
            raise IndexError(f"{start}:{stop} is not within {self.size} bytes")
        memmove(self._data + start, self._data + stop, self.size - stop)
        self.size -= stop - start
        if start < stop:
            self._marked = NEVER

    cpdef bytes serialise(self, str start_line, bytes body=b""):
        """The start line (with its line end), the fields, the empty line, and what follows it."""
        cdef Py_ssize_t line_size = PyUnicode_GET_LENGTH(start_line), body_size = PyBytes_GET_SIZE(body)
        cdef const unsigned char *line = _latin_1(start_line)
        if line is NULL:
            raise ValueError("the start line is Latin-1")
        cdef Py_ssize_t size = line_size + self.size + 2 + body_size
        cdef bytes whole = _blocks.lend(size)
        if whole is None:
            whole = PyBytes_FromStringAndSize(NULL, size)
        cdef char *at = PyBytes_AS_STRING(whole)
        memcpy(at, line, line_size)
        at += line_size
        memcpy(at, self._data, self.size)
        at += self.size
        memcpy(at, b"\r\n", 2)
        memcpy(at + 2, PyBytes_AS_STRING(body), body_size)
        return whole

    cdef char *_room(self, Py_ssize_t needed) except NULL:
        """Where to write so many bytes."""
        cdef Py_ssize_t capacity
        cdef char *data
        if self.size + needed > self._capacity:
            capacity = 2 * (self.size + needed)
            data = <char *>(PyMem_Malloc(capacity) if self._data == self._inline else
                            PyMem_Realloc(self._data, capacity))
            if data is NULL:
                raise MemoryError()
            if self._data == self._inline:
                memcpy(data, self._inline, self.size)
            self._data = data
            self._capacity = capacity
        return self._data + self.size


cpdef bint is_value(str text) except -1:
    """Whether it may be a field value or reason phrase: Latin-1 without control characters; a tab is allowed."""
    cdef const unsigned char *characters = _latin_1(text)
    return characters is not NULL and _is_clean(characters, PyUnicode_GET_LENGTH(text))


cdef inline const unsigned char *_latin_1(str text) noexcept:
    """The characters of `text`, a byte for each; NULL when there is one beyond Latin-1."""
    return <const unsigned char *>PyUnicode_DATA(text) if PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND else NULL


cdef inline bint _is_clean(const unsigned char *text, Py_ssize_t size) noexcept:
    """Whether it has no control character but tabs."""
    cdef Py_ssize_t at = 0
    cdef uint64_t word
    while at + 8 <= size:
        memcpy(&word, text + at, 8)
        if _has_control(word) and not _are_allowed(text + at, 8):
            return False
        at += 8
    return _are_allowed(text + at, size - at)


cdef inline bint _has_control(uint64_t word) noexcept:
    """Whether one of eight bytes is below 0x20, or DELETE.

    To subtract from each sets the top bit of those that are smaller, and of no other unless there is one of them.
    """
    cdef uint64_t deleted = word ^ (DELETE * EACH)
    return ((word - SPACE * EACH) & ~word | (deleted - EACH) & ~deleted) & (0x80 * EACH) != 0


cdef inline bint _are_allowed(const unsigned char *text, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at
    cdef bint bad = False
    for at in range(size):
        bad |= (text[at] < SPACE and text[at] != TAB) or text[at] == DELETE
    return not bad

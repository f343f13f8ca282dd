"""The lines of a head that came in, and where in them stands what decides about the message.

The head stays the bytes that it came in.  One walk, from line end to line end, finds the few fields that say how long
the message is and what becomes of the connection; of these it notes the place, and only who asks gets an object.

llhttp has judged the head before: every line after the first is ``name: value``, the name a token, and the last one is
empty.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.string cimport memchr, memcmp, memcpy, memset

cdef enum:
    LONGEST = 17            # bytes of the names that are looked for
    LOWER_CASE = 0x20
    PLAIN_END_SIZE = 11
    MOST_DIGITS = 18        # of a length that is surely none of those that are too large

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX

cdef const char *PLAIN_END = b" HTTP/1.1\r\n"

cdef long long LARGEST = 2 ** 63 - 1


cdef class HeadLines:
    """A head.  The parts of it have numbers: ``METHOD``, ``TARGET`` and ``VERSION`` of a request line, ``HOST``..."""

    cpdef object read_lines(self, bytes section):
        """Begin.  `section`: all lines, the empty one included."""
        cdef const char *start = PyBytes_AS_STRING(section)
        cdef const char *end = start + PyBytes_GET_SIZE(section)
        cdef const char *line = _after_line(start, end)
        cdef const char *colon
        cdef const char *next_line
        cdef int part
        self.section = section
        self.first_field = line - start
        memset(self._spans, 0, sizeof(self._spans))
        while line < end:
            next_line = _after_line(line, end)
            colon = <const char *>memchr(line, c':', min(next_line - line, LONGEST + 1))
            if colon is not NULL:
                part = _part_named(line, colon - line)
                if part >= 0:
                    self._spans[part].start = colon + 1 - start
                    self._spans[part].stop = next_line - start
                    self._spans[part].count += 1
                    _strip(start, &self._spans[part])
            line = next_line

    cpdef bint stands_in(self, bytes data, Py_ssize_t start) except -1:
        """Whether this head, byte for byte, is what stands in `data` at `start`."""
        cdef Py_ssize_t size = PyBytes_GET_SIZE(self.section)
        return (PyBytes_GET_SIZE(data) - start >= size
                and memcmp(PyBytes_AS_STRING(data) + start, PyBytes_AS_STRING(self.section), size) == 0)

    cpdef bint read_like(self, HeadLines known, bytes data, Py_ssize_t start) except -1:
        """Begin, if what stands in `data` at `start` is a line and then the fields of `known`; else False.

        They are the same byte for byte, but for the number that its Content-Length says, if there is one.
        """
        cdef const char *text = PyBytes_AS_STRING(data)
        cdef const char *end = text + PyBytes_GET_SIZE(data)
        cdef const char *fields = _after_line(text + start, end)
        cdef const char *known_text = PyBytes_AS_STRING(known.section)
        cdef Py_ssize_t known_end = PyBytes_GET_SIZE(known.section)
        cdef Span *length = &known._spans[LENGTH]
        cdef Py_ssize_t head = (length.start if length.count else known_end) - known.first_field
        cdef Py_ssize_t digits = 0, grown = 0
        if end - fields < head or memcmp(fields, known_text + known.first_field, head) != 0:
            return False
        if length.count:
            digits = _digits(fields + head, end)
            if (not 0 < digits <= MOST_DIGITS or end - fields < head + digits + known_end - length.stop
                    or memcmp(fields + head + digits, known_text + length.stop, known_end - length.stop) != 0):
                return False
            grown = digits - (length.stop - length.start)
        self.first_field = fields - text - start
        self.section = PyBytes_FromStringAndSize(text + start, self.first_field + known_end - known.first_field + grown)
        self._take_spans(known, grown)
        return True

    cdef void _take_spans(self, HeadLines known, Py_ssize_t grown) noexcept:
        """The same parts, moved by the first line, and behind Content-Length by what that has `grown`."""
        cdef Py_ssize_t moved = self.first_field - known.first_field
        cdef Py_ssize_t behind = known._spans[LENGTH].start if known._spans[LENGTH].count else PY_SSIZE_T_MAX
        cdef int part
        for part in range(PARTS):
            self._spans[part] = known._spans[part]
            self._spans[part].start += moved if known._spans[part].start <= behind else moved + grown
            self._spans[part].stop += moved if known._spans[part].stop <= behind else moved + grown

    cpdef bytes first_line_alone(self):
        """The head that it would be without fields: the first line and the empty one."""
        cdef bytes alone = PyBytes_FromStringAndSize(NULL, self.first_field + 2)
        cdef char *text = PyBytes_AS_STRING(alone)
        memcpy(text, PyBytes_AS_STRING(self.section), self.first_field)
        memcpy(text + self.first_field, b"\r\n", 2)
        return alone

    cpdef bint starts_with(self, bytes line) except -1:
        """Whether the first line, its line end included, is this one."""
        return (self.section is not None and self.first_field == PyBytes_GET_SIZE(line)
                and memcmp(PyBytes_AS_STRING(self.section), PyBytes_AS_STRING(line), self.first_field) == 0)

    cpdef bint split_request_line(self) except -1:
        """Find METHOD, TARGET and VERSION: up to the first space, between, and after the last; False without two spaces."""
        cdef const char *start = PyBytes_AS_STRING(self.section)
        cdef Span line = Span(0, self.first_field, 1)
        _strip(start, &line)
        cdef const char *space = <const char *>memchr(start, c' ', line.stop)
        if space is NULL:
            return False
        cdef Py_ssize_t last = line.stop
        while start[last - 1] != c' ':
            last -= 1
        if start + last - 1 == space:
            return False
        self._spans[METHOD] = Span(0, space - start, 1)
        self._spans[TARGET] = Span(space - start + 1, last - 1, 1)
        self._spans[VERSION] = Span(last, line.stop, 1)
        return True

    cpdef bint split_plain_request_line(self, bytes method) except -1:
        """The same, if the line is this method, a target and HTTP/1.1, as nearly all are; else False: nothing is found."""
        cdef const char *line = PyBytes_AS_STRING(self.section)
        cdef Py_ssize_t target = PyBytes_GET_SIZE(method) + 1
        cdef Py_ssize_t stop = self.first_field - PLAIN_END_SIZE
        if (stop <= target or memcmp(line + stop, PLAIN_END, PLAIN_END_SIZE) != 0 or line[target - 1] != c' '
                or memcmp(line, PyBytes_AS_STRING(method), target - 1) != 0
                or memchr(line + target, c' ', stop - target) is not NULL):
            return False
        self._spans[METHOD] = Span(0, target - 1, 1)
        self._spans[TARGET] = Span(target, stop, 1)
        self._spans[VERSION] = Span(stop + 1, self.first_field - 2, 1)
        return True

    cpdef int count(self, int part) except -1:
        """How often it is there."""
        return self._span(part).count

    cpdef bint equals(self, int part, bytes value) except -1:
        """Whether it is there, and the last one is `value`."""
        cdef Span *span = self._span(part)
        cdef Py_ssize_t size = span.stop - span.start
        return (span.count > 0 and size == PyBytes_GET_SIZE(value)
                and memcmp(PyBytes_AS_STRING(self.section) + span.start, PyBytes_AS_STRING(value), size) == 0)

    cpdef bytes value(self, int part):
        """Its value without white space around it, None when it is not there; several are joined with ``", "``."""
        cdef Span *span = self._span(part)
        if span.count == 0:
            return None
        if span.count > 1:
            return self._joined(part)
        return PyBytes_FromStringAndSize(PyBytes_AS_STRING(self.section) + span.start, span.stop - span.start)

    cpdef str text(self, int part):
        """The (last) value as text; empty when it is not there."""
        cdef Span *span = self._span(part)
        return PyUnicode_DecodeLatin1(PyBytes_AS_STRING(self.section) + span.start, span.stop - span.start, NULL)

    cpdef long long number(self, int part) except -2:
        """The (last) value as a decimal number; -1 when it is none, or does not fit into 63 bits."""
        cdef Span *span = self._span(part)
        cdef const char *text = PyBytes_AS_STRING(self.section)
        cdef long long number = 0
        cdef Py_ssize_t at
        for at in range(span.start, span.stop):
            if not c'0' <= text[at] <= c'9' or number > (LARGEST - (text[at] - c'0')) // 10:
                return -1
            number = 10 * number + text[at] - c'0'
        return number if span.stop > span.start else -1

    cdef Span *_span(self, int part) except NULL:
        if not 0 <= part < PARTS or self.section is None:
            raise IndexError(f"a head has no part {part}")
        return &self._spans[part]

    cdef bytes _joined(self, int part):
        """All values of a field that is there several times (RFC 9110 section 5.3)."""
        cdef list values = []
        cdef bytes line, name
        for line in self.section[self.first_field:].split(b"\n"):
            name, _, rest = line.partition(b":")
            if _part_named(PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name)) == part:
                values.append(rest.strip(b" \t\r"))
        return b", ".join(values)


cdef inline const char *_after_line(const char *at, const char *end) noexcept:
    cdef const char *line_end = <const char *>memchr(at, c'\n', end - at)
    return end if line_end is NULL else line_end + 1


cdef inline Py_ssize_t _digits(const char *at, const char *end) noexcept:
    """How many there are."""
    cdef const char *first = at
    while at < end and c'0' <= at[0] <= c'9':
        at += 1
    return at - first


cdef inline void _strip(const char *text, Span *span) noexcept:
    """Without the white space, and the line end, around it."""
    while span.start < span.stop and text[span.start] in (c' ', c'\t', c'\r', c'\n'):
        span.start += 1
    while span.stop > span.start and text[span.stop - 1] in (c' ', c'\t', c'\r', c'\n'):
        span.stop -= 1


cdef inline int _part_named(const char *name, Py_ssize_t size) noexcept:
    """Which part a field of this name is, -1 when it is none of them.  By length first: few names are compared."""
    if size == 4:
        return HOST if _same(name, b"host", size) else -1
    if size == 6:
        return EXPECT if _same(name, b"expect", size) else -1
    if size == 7:
        return UPGRADE if _same(name, b"upgrade", size) else -1
    if size == 10:
        return CONNECTION if _same(name, b"connection", size) else KEEP_ALIVE if _same(name, b"keep-alive", size) else -1
    if size == 14:
        return LENGTH if _same(name, b"content-length", size) else -1
    if size == 16:
        return CONNECTION if _same(name, b"proxy-connection", size) else -1     # llhttp takes it for the same
    if size == 17:
        return CODING if _same(name, b"transfer-encoding", size) else -1
    return -1


cdef inline bint _same(const char *name, const char *lower, Py_ssize_t size) noexcept:
    """Whether a token is this one in any case.  Setting that bit makes no other character of a token a letter or "-"."""
    cdef Py_ssize_t at
    for at in range(size):
        if name[at] | LOWER_CASE != lower[at]:
            return False
    return True

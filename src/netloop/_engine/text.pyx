"""Comparing texts that mostly differ, as the names of events do.

To find two strings different takes CPython a call and a hundred instructions.  Those of different lengths, or with
different first letters, need neither.
"""

from cpython.object cimport PyObject_RichCompareBool, Py_EQ

cdef extern from "Python.h":
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ_CHAR(object text, Py_ssize_t at)


cpdef bint is_text(object thing, str text) except -1:
    """``thing == text``, sooner."""
    if thing is text:
        return True
    if type(thing) is str:
        return (PyUnicode_GET_LENGTH(thing) == PyUnicode_GET_LENGTH(text)
                and PyUnicode_READ_CHAR(thing, 0) == PyUnicode_READ_CHAR(text, 0) and thing == text)
    return PyObject_RichCompareBool(thing, text, Py_EQ)     # of a class of its own, which says itself

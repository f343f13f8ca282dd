"""How many arguments a function takes, and how many it cannot do without.

Each listener is asked that when it is added, for a request more than once; so what the interpreter keeps in C is
read there, and not by its names.
"""

from types import CodeType

from cpython.object cimport PyObject

cdef extern from "Python.h":
    ctypedef struct PyCodeObject:
        int co_argcount, co_flags

    const int CO_VARARGS
    bint PyCFunction_CheckExact(object callable)
    bint PyMethod_Check(object callable)
    PyObject *PyMethod_GET_FUNCTION(object method)
    bint PyFunction_Check(object callable)
    PyObject *PyFunction_GET_CODE(object function)
    PyObject *PyFunction_GET_DEFAULTS(object function)


cpdef Py_ssize_t most_arguments(object function) except -2:
    """How many arguments a function takes by position; -1 for any number, and for what does not say."""
    cdef int bound = 0
    if PyCFunction_CheckExact(function):
        return -1                               # and not by an exception for the attribute that it has not
    if PyMethod_Check(function):
        function = <object>PyMethod_GET_FUNCTION(function)
        bound = 1
    if PyFunction_Check(function):
        code = <object>PyFunction_GET_CODE(function)
    else:
        # By its code and not by its type: functions compiled by Cython have a type for each version of it.
        code = getattr(function, "__code__", None)
        if type(code) is not CodeType:
            return -1
    if (<PyCodeObject *>code).co_flags & CO_VARARGS:
        return -1
    return (<PyCodeObject *>code).co_argcount - bound


cpdef Py_ssize_t least_arguments(object function) except -1:
    """How many arguments a function must get by position; 0 for what is not written in Python."""
    cdef int least = 0
    cdef PyObject *defaults
    if PyMethod_Check(function):
        function = <object>PyMethod_GET_FUNCTION(function)
        least = -1                              # the instance
    if not PyFunction_Check(function):
        return 0
    least += (<PyCodeObject *>PyFunction_GET_CODE(function)).co_argcount
    defaults = PyFunction_GET_DEFAULTS(function)
    if defaults is not NULL:
        least -= len(<tuple>defaults)
    return max(least, 0)

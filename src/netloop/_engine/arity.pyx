"""How many arguments a function takes.

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

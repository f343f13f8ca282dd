"""Calls that fail as a rule, and do not mean it.

Python's `ssl` raises an exception when it needs more of what the peer sends.  Caught by compiled code, that one gets a
traceback first, and a frame for it, which costs as much as many a call that succeeds.  Here it is only noticed.
"""

cdef extern from *:
    """
    static inline int netloop_succeeds(PyObject *function, PyObject *argument, PyObject *failure) {
        PyObject *result = PyObject_CallOneArg(function, argument);
        if (result != NULL) {
            Py_DECREF(result);
            return 1;
        }
        if (!PyErr_ExceptionMatches(failure))
            return -1;
        PyErr_Clear();
        return 0;
    }
    """
    int call "netloop_succeeds"(object function, object argument, object failure) except -1


cpdef bint succeeds(object function, object argument, object failure) except -1:
    """Call ``function(argument)``: whether it came to an end, and did not raise `failure`.  Other exceptions pass."""
    return call(function, argument, failure)

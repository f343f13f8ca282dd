"""Who refers to an object: what decides whether it may be used again for something else.

CPython counts references exactly, as long as one thread at a time runs.
"""

cdef extern from *:
    """
    /* A field of an object that its type tells the place of; NULL without one. */
    static inline PyObject *netloop_field(PyObject *thing, Py_ssize_t offset) {
        return offset > 0 ? *(PyObject **)((char *)thing + offset) : NULL;
    }

    static inline int netloop_is_untouched(PyObject *thing) {
        PyObject *dict = netloop_field(thing, Py_TYPE(thing)->tp_dictoffset);
        PyObject *weak = netloop_field(thing, Py_TYPE(thing)->tp_weaklistoffset);
        return weak == NULL && (dict == NULL || PyDict_GET_SIZE(dict) == 0);
    }

    static inline void netloop_drop_attributes(PyObject *thing) {
        Py_ssize_t offset = Py_TYPE(thing)->tp_dictoffset;
        if (offset > 0)
            Py_CLEAR(*(PyObject **)((char *)thing + offset));
    }
    """
    bint is_untouched "netloop_is_untouched"(object thing)
    void drop_attributes "netloop_drop_attributes"(object thing)
    Py_ssize_t Py_REFCNT(object thing)


cpdef bint is_ours_alone(object thing, Py_ssize_t references) noexcept:
    """Whether `references` to it are all there are: no other, no weak one, and no attribute that somebody hung on it.

    Called from compiled code the call itself counts for none, and a variable or a field that holds it for one.
    """
    return Py_REFCNT(thing) == references and is_untouched(thing)


cpdef int begin_without_attributes(object thing) except -1:
    """For `__cinit__`: have no dictionary of attributes until somebody hangs one on it, or looks.

    Cython makes an empty one with each object.  It costs its memory, and without it a call of a `cpdef` method knows that
    the object overrides nothing (Python 3.11).  But then a program finds the methods of the object a little slower: it is
    for what lives long and idles.
    """
    drop_attributes(thing)
    return 0

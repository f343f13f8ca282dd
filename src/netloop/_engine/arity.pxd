cpdef Py_ssize_t most_arguments(object function) except -2

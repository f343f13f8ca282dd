cpdef Py_ssize_t most_arguments(object function) except -2
cpdef Py_ssize_t least_arguments(object function) except -1

cpdef bint succeeds(object function, object argument, object failure) except -1

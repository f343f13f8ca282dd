cpdef bint is_ours_alone(object thing, Py_ssize_t references) noexcept
cpdef int begin_without_attributes(object thing) except -1

cpdef bint is_ours_alone(object thing, Py_ssize_t references) noexcept

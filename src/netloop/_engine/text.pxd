cpdef bint is_text(object thing, str text) except -1

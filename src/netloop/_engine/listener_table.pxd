cdef class ListenerTable:
    cdef object _first, _first_entry        # the oldest event, and what it has; None where there is none
    cdef object _second, _second_entry
    cdef dict _others                       # those after them

    cpdef object get(self, object event)
    cpdef bint is_single(self) noexcept
    cpdef object add(self, object event, object entry)
    cdef int _place(self, object event) except -2

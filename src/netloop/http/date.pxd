cdef long long _second
cdef str _line

cpdef str http_date(long long second)
cpdef str date_line(double now)

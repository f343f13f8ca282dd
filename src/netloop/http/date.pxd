cdef long long _SECOND, _stale_at
cdef str _line

cpdef str http_date(long long second)
cpdef str date_line(long long now)

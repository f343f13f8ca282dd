cpdef bint hung_up(int fd)

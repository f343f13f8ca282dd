cdef class Channel:
    cdef readonly str name
    cdef readonly tuple subscribers         # None while nobody listens: the test of the hot paths

    cpdef publish(self, dict message)

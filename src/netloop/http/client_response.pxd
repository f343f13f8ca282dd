cdef class Response:
    cdef dict __dict__
    cdef object __weakref__
    cdef readonly object request, message

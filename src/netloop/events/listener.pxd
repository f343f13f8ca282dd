import cython

from netloop._engine.arity cimport least_arguments, most_arguments


cdef class OnceListener:
    cdef object _emitter
    cdef object _event
    cdef bint _fired
    cdef readonly object listener


cdef class ListenerDecorator:
    cdef object _add
    cdef object _event


cpdef object call_fitting(object function, tuple arguments)
cpdef object checked(object listener)
cpdef object unwrapped(object entry)
cpdef bint is_entry_of(object entry, object listener) except -1

from netloop.events.emitter cimport EventEmitter
from netloop.stream.base cimport Stream

cpdef object pipe(object source, object destination, bint end)
cpdef object unpipe(object source, object destination)
cpdef object unpipe_all(object source)


cdef class Pipe:
    cdef readonly Stream source
    cdef readonly EventEmitter destination
    cdef object write
    cdef readonly bint ends, waiting, removed

    cpdef object connect(self)
    cpdef object remove(self)
    cpdef object wait(self)
    cpdef object on_data(self, object chunk)
    cpdef object on_drain(self)
    cpdef object on_end(self)
    cpdef object on_error(self, object error)

from netloop._engine.poller cimport Poller
from netloop.events.emitter cimport EventEmitter
from netloop.events.listener cimport call_fitting
from netloop.stream.state cimport ReadableState, WritableState


cdef class Stream(EventEmitter):
    cdef readonly Poller _loop
    cdef readonly ReadableState _readable_state
    cdef readonly WritableState _writable_state
    cdef readonly bint destroyed, closed
    cdef readonly object errored
    cdef readonly bint _auto_destroy, _emit_close, _constructed, _construct_answered, _destroy_answered, _error_emitted

    cdef object _set_up(self, object loop, ReadableState readable_state, WritableState writable_state,
                        bint emit_close, bint auto_destroy)

    # in
    # out
    cpdef object destroy(self, object error=*)
    cpdef object _leave(self, object error=*)
    cpdef object _fail(self, object error)
    cdef object _start_destroy(self, object error)
    cdef object _emit_error(self, object error)
    cdef object _announce(self, object event)
    # writes that come to nothing
    cdef object _refuse_rest(self)
    cpdef object _write_error(self)

    # hooks for implementers
    cpdef object _construct(self, object callback)
    cpdef object _destroy(self, object error, object callback)
    cpdef object _read(self, Py_ssize_t size)
    cpdef object _write(self, object chunk, object encoding, object callback)
    cpdef object _writev(self, list chunks, object callback)
    # Not cpdef: the look-up for a Python override would cost more than the call, and this one is made for each chunk.
    cdef Py_ssize_t _try_write(self, bytes chunk) except -2
    cpdef object _final(self, object callback)
    cpdef object _emit_closed(self)
    # hooks for the halves
    cdef object _on_constructed(self)
    cdef object _on_readable_end(self)
    cdef object _on_writable_finish(self)


cpdef object call_back(object loop, list callbacks, object error)
cpdef object multiple_callback()
cpdef object not_implemented(str method)

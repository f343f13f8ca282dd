import cython

from netloop._engine.poller cimport Poller
from netloop._engine.references cimport is_ours_alone
from netloop._engine.text cimport is_text
from netloop.http.incoming_headers cimport IncomingHeaders
from netloop.http.message_head cimport MessageHead
from netloop.stream.flow cimport read, resume_now
from netloop.stream.intake cimport push
from netloop.stream.readable cimport Readable
from netloop.stream.state cimport ReadableState


cdef class IncomingMessage(IncomingHeaders):
    cdef public object socket, method, url, status_code, status_message
    cdef public bint complete, aborted
    cdef object _source
    cdef object _controller             # of `signal`, once somebody asked
    cdef readonly bint _dumped
    cdef bint _unheard_resume, _unheard_end

    @cython.locals(state=ReadableState)
    cdef object _start(self, object socket, Poller loop)
    cdef bint _is_ending(self) except -1
    cdef bint _is_spare(self, Py_ssize_t references) except -1
    # for its source
    cpdef object _open(self, MessageHead head, object source, bint has_body)
    cdef object _open_ended(self)
    cpdef bint _receive(self, bytes chunk) except -1
    cpdef object _complete_with(self, list trailers)
    cpdef object _dump(self)
    cdef object _pass_by(self)
    cdef object _end_unheard(self)
    @cython.locals(state=ReadableState)
    cdef bint _is_read(self) except -1
    cpdef object _abort(self, object error)
    cpdef object _lose(self, object error)
    cdef object _mark_aborted(self)
    # the stream
    cpdef object _read(self, Py_ssize_t size)
    cpdef object _leave(self, object error=*)
    cpdef object _destroy(self, object error, object callback)
    cdef object _listener_added(self, object event)
    @cython.locals(state=ReadableState)
    cdef bint _flows_by_itself(self) except -1
    cdef object _on_readable_end(self)
    cpdef object _emit_closed(self)
    cdef object _emit_error(self, object error)


cpdef object _dump_unread(IncomingMessage message)

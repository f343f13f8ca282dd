import cython

from netloop.http.message_head cimport MessageHead, split_fields, unfold
from netloop.http.receiver cimport MessageReceiver
from netloop.http.rules cimport are_field_lines, refused_in_trailers
from netloop.http.sections cimport Sections
from netloop.http.settings cimport ParserSettings

cdef int _HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _UNTIL_CLOSE, _END, _LEAVING, _GONE, _CLOSING
cdef int _FRAMED_FIXED, _FRAMED_CHUNKED, _FRAMED_UNTIL_CLOSE
cdef Py_ssize_t _LINE_LIMIT
cdef int _CR, _LF
cdef long long _LARGEST
cdef bytes _HEX
cdef str _LEFT
cdef dict _TOO_LARGE
cdef bytes _FIXED_HEAD


cdef class MessageParser(Sections):
    cdef readonly bint paused
    cdef readonly ParserSettings settings
    cdef MessageReceiver _receiver
    cdef bytes _chunked_head                # makes llhttp expect chunks
    cdef object _llhttp                     # of httptools; None after close()
    cdef object _feed_llhttp
    cdef Py_ssize_t _max_size, _max_fields
    cdef int _state
    cdef bint _running, _ended
    # the message
    cdef long long _remaining               # bytes of the body or chunk
    cdef bint _after_chunk                  # a chunk line has the CRLF of the chunk before in front
    cdef list _trailers
    cdef bint _message_complete             # as llhttp says
    cdef bint _wants_to_leave               # llhttp says that what follows is another protocol
    cdef bint _leaves                       # the receiver agreed
    cdef bint _last                         # the connection ends with it
    cdef bint _counting_alone               # llhttp was not told how long the body is
    cdef bint _priming                      # llhttp gets a head that nobody sent

    cdef int _start_llhttp(self) except -1
    # the owner's side
    cpdef object feed(self, bytes data)
    cpdef object finish(self)
    cpdef object pause(self)
    cpdef object resume(self)
    cpdef object close(self)
    cpdef bint is_idle(self) except -1
    # steps
    cdef int _run(self) except -1
    @cython.locals(state=cython.int)
    cdef bint _step(self) except -1
    cdef int _end_input(self) except -1
    # llhttp
    cdef int _section_too_large(self) except -1
    cdef bint _parse(self, bytes piece, bint ends_section) except -1
    cdef bytes _before(self, bytes piece)
    # the head
    @cython.locals(end=Py_ssize_t, section=bytes)
    cdef bint _read_head(self) except -1
    @cython.locals(head=MessageHead, insecure=bint)
    cdef object _begin_message(self, bytes section)
    cdef object _begin(self, MessageHead head, bint familiar)
    cdef int _prime(self, MessageHead head) except -1
    # the body
    @cython.locals(chunk=bytes)
    cdef bint _read_fixed(self) except -1
    cdef bint _read_until_close(self) except -1
    @cython.locals(unread=Py_ssize_t, end=Py_ssize_t, size=cython.longlong)
    cdef bint _read_chunk_line(self) except -1
    @cython.locals(chunk=bytes)
    cdef bint _read_chunk_data(self) except -1
    @cython.locals(end=Py_ssize_t, section=bytes, insecure=bint)
    cdef bint _read_trailers(self) except -1
    # the end
    cdef bint _complete(self) except -1
    cdef bint _leave(self) except -1
    cdef bint _read_after_last(self) except -1
    cdef int _fail(self, object fault, object evidence=*) except -1
    # the kinds
    cpdef object _make_llhttp(self, object target)
    cdef bint _may_begin(self) except -1
    cdef bint _read_familiar_head(self) except -1
    cdef object _check_head(self, MessageHead head)
    cdef bint _may_end_early(self) except -1
    # called by llhttp
    cpdef object on_message_complete(self)


@cython.locals(size=cython.longlong, digits=cython.int, byte=cython.uchar, value=cython.int)
cdef long long _chunk_size(bytes line) except? -1

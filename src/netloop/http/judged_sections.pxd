import cython

from netloop.http.message_head cimport MessageHead
from netloop.http.receiver cimport MessageReceiver
from netloop.http.sections cimport Sections
from netloop.http.settings cimport ParserSettings

cdef int _HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _GONE
cdef dict _TOO_LARGE
cdef str _LEFT
cdef bytes _FIXED_HEAD


cdef class JudgedSections(Sections):
    cdef readonly ParserSettings settings
    cdef MessageReceiver _receiver
    cdef int _state
    cdef bytes _chunked_head                # makes llhttp expect chunks
    cdef object _llhttp                     # of httptools; None after close()
    cdef object _feed_llhttp
    cdef object _counted                    # what llhttp takes for the body; None where it must be all
    cdef bint _after_chunk                  # a chunk line has the CRLF of the chunk before in front
    cdef bint _message_complete             # as llhttp says
    cdef bint _wants_to_leave               # llhttp says that what follows is another protocol
    cdef bint _priming                      # llhttp gets a head that nobody sent

    cdef int _start_llhttp(self) except -1
    cdef int _section_too_large(self) except -1
    cdef bint _parse(self, bytes piece, bint ends_section) except -1
    cdef bint _parse_chunk(self, bytes chunk) except -1
    cdef bytes _before(self, bytes piece)
    cdef int _prime(self, MessageHead head) except -1
    cdef int _fail(self, object fault, object evidence=*) except -1
    # the kinds
    cpdef object _make_llhttp(self, object target)
    # called by llhttp
    cpdef object on_message_complete(self)

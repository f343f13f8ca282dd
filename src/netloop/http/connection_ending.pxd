import cython

from netloop.diagnostics cimport Channel
from netloop.http.clocks cimport Clocks
from netloop.http.incoming_message cimport IncomingMessage
from netloop.http.message_head cimport MessageHead
from netloop.http.outlet cimport Outlet
from netloop.http.request_parser cimport RequestParser
from netloop.http.response_queue cimport ResponseQueue
from netloop.http.server_response cimport ResponseOwner, ServerResponse
from netloop.http.service cimport Service
from netloop.stream.duplex cimport Duplex
from netloop.stream.idle_stream cimport IdleStream
from netloop.stream.sink cimport Sink

cdef Channel _CLIENT_ERROR
cdef int _OPEN, _LAST, _ENDED, _GONE


cdef class ConnectionEnding(ResponseOwner):
    cdef readonly Service service
    cdef readonly Duplex socket
    cdef readonly Outlet outlet
    cdef readonly Clocks clocks
    cdef IdleStream _timed              # the socket, if it has a clock
    cdef Sink _incoming                 # None when it does not listen any more
    cdef readonly long long requests    # how many came
    cdef RequestParser _parser
    cdef IncomingMessage _request       # that is coming in
    cdef ResponseQueue _responses
    cdef ServerResponse _due            # its request waits for its listeners
    cdef long long _share               # how many may have come by the end of this turn
    cdef bint _waits_for_turn           # it was used up
    cdef bint _feeding                  # the parser is at work, or they are
    cdef bint _full                     # the request has no room
    cdef bint _stopped                  # we do not read
    cdef bint _client_finished          # and may wait for answers
    cdef bint _failed                   # the client's fault was told
    cdef int _phase                     # how far its end is
    cdef tuple _upgrade                 # the event, the request and what came after it
    cdef bytes _last_words              # the answer to what was no request

    cdef object _after_responses(self)
    cpdef object on_upgrade(self, bytes rest)
    cpdef object response_destroyed(self, ServerResponse response)

from netloop.encoding cimport StreamDecoder
from netloop.stream.gatherer cimport Gatherer
from netloop.stream.sink cimport Sink

cdef Py_ssize_t _default_bytes, _default_objects


cdef class ReadableState:
    cdef public Py_ssize_t high_water_mark, length, offset
    cdef public object buffer
    cdef public StreamDecoder decoder
    cdef public list pipes
    cdef public bint object_mode
    # the consumer
    cdef public bint flow_decided, flowing, paused, resume_scheduled
    cdef public bint readable_listening, need_readable, emitted_readable, did_read
    cdef public Sink sink
    # the source
    cdef public bint reading, sync, reading_more, continuous, ended, end_due, end_emitted, readable

    cdef int start(self) except -1
    cdef bint wants_more(self) except -1
    cdef object drop_buffer(self)


cdef class WritableState:
    cdef public Py_ssize_t high_water_mark, length
    cdef public object default_encoding
    cdef public bint object_mode, decode_strings, direct, has_writev
    # in flight
    cdef public bint writing, sync
    cdef public Py_ssize_t flight_length
    cdef public object flight_callback
    # behind it
    cdef public int corked
    cdef public bint clearing
    cdef public object queue
    # after it
    cdef public list completed
    cdef public bint need_drain
    # the end
    cdef public bint ending, ended, final_called, final_pending, prefinished, finished, writable
    cdef public list finish_callbacks
    cdef public Gatherer gatherer

    cdef int start(self) except -1
    cdef list take_flight(self)
    cdef list take_queue(self)
    cdef list take_finish_callbacks(self)


cpdef Py_ssize_t chosen_high_water_mark(object value, bint object_mode) except -1

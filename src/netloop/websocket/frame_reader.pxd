import cython

from netloop._engine.masking cimport mask

cdef int _FIN, _RSV1, _RSV2_3, _OPCODE
cdef int _CONTINUATION, _TEXT, _BINARY, _CLOSE, _PONG
cdef int _MASKED, _SIZE, _TWO_BYTES, _MOST_CONTROL_BYTES


cdef class FrameReader:
    cdef readonly bint is_server
    cdef readonly bint receiving            # within receive_data or resume
    cdef readonly bint paused
    cdef readonly bint held                 # the message before is not delivered yet: it is being inflated
    cdef bint _may_compress
    cdef Py_ssize_t _max_buffered_chunks
    # chunks
    cdef bint _finished                     # nothing counts any more
    cdef bytes _chunk                       # what was not read yet begins at _at
    cdef Py_ssize_t _at
    cdef list _waiting                      # what came while paused, or from within a hook
    # the message under way, when it is not whole in a chunk
    cdef int _opcode                        # 0: none
    # the frame under way
    cdef long long _remaining
    cdef unsigned int _key

    # hooks
    cdef bint _start_data_frame(self, int first, long long size) except -1
    cdef bint _read_payload(self) except -1
    cdef object _take_control_frame(self, int opcode, bytes payload)
    cpdef object on_failure(self, object error)
    # chunks
    cpdef object receive_data(self, bytes chunk)
    cpdef object pause(self)
    cpdef object resume(self)
    cdef object _keep(self, bytes chunk)
    cdef object _run(self)
    # the head of a frame
    @cython.locals(chunk=bytes, at=Py_ssize_t, available=Py_ssize_t, first=cython.int, second=cython.int,
                   size=cython.longlong, width=cython.int)
    cdef bint _read_frame(self) except -1
    @cython.locals(opcode=cython.int)
    cdef bint _check_head(self, int first, int second, long long size) except -1
    @cython.locals(size=cython.longlong, place=Py_ssize_t)
    cdef long long _read_size(self, bytes chunk, Py_ssize_t at, int width) except -2
    cdef bytes _cut(self, bytes chunk, Py_ssize_t start, Py_ssize_t stop)
    # failing
    cdef bint _fail(self, str code, str message) except -1
    cdef object _finish(self, object error)
    cdef object _stop(self)

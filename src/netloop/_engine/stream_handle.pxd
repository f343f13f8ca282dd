from .poller cimport Handle


cdef class StreamHandle(Handle):
    cdef list _pieces                   # bytes that the kernel did not take yet
    cdef Py_ssize_t _head               # the first of them that is not sent completely
    cdef Py_ssize_t _offset             # how much of it is sent
    cdef bytes _departing               # what counts as sent, and leaves when the poller says so
    cdef object _buffer                 # where to receive into, instead of new bytes; or None
    cdef bytes _early                   # a chunk that was received before its turn
    cdef int _early_error               # the same, an errno
    cdef bint _unpacks                  # `on_unpack` is called for what is received before its turn
    cdef bint _packs                    # `on_pack` is to be called
    cdef bint _connecting
    cdef bint _small                    # the last chunk was small: the next one may be received before its turn
    cdef bint _suits_block              # the last chunk had a size that there are blocks for
    cdef bint _large                    # the last chunk was large: receive the next one without a copy

    cpdef told_of_changes(self)
    cpdef unpack_early(self)

    # opening
    cpdef int wait_connect(self) except -1
    cdef int _finish_connect(self) except -1
    cpdef on_connect(self, int error)

    # receiving
    cpdef int read_start(self) except -1
    cpdef int read_stop(self) except -1
    cpdef receive_into(self, object buffer)
    cpdef int receive_now(self) except -1
    cdef Py_ssize_t _receive_early(self, bytes block) except? -1
    cdef int _deliver(self) except -1
    cdef int _note_size(self, Py_ssize_t size, Py_ssize_t asked, int more) except -1
    cdef int _receive(self, int more) except -1
    cdef int _receive_large(self, int more) except -1
    cdef int _receive_into_buffer(self, int more) except -1
    cdef int _received_nothing(self, Py_ssize_t result, int error) except -1
    cpdef bytes on_unpack(self, bytes data)
    cpdef on_read(self, bytes data)
    cpdef on_read_into(self, Py_ssize_t size)
    cpdef on_end(self)

    # sending
    cpdef Py_ssize_t try_write(self, bytes data) except? -1
    cpdef bint pack_later(self) except -1
    cpdef on_pack(self)
    cdef Py_ssize_t _gather(self, bytes data) except? -1
    cpdef int write(self, list pieces) except? -1
    cdef int _offer(self) except? -1
    cdef int _flush(self) except? -1
    cdef int _advance(self, Py_ssize_t sent) except -1
    cdef int _continue_flush(self) except -1
    cpdef on_flush(self)
    cpdef int shutdown(self) except? -1

    # ending
    cpdef on_error(self, int error, str syscall)
    cpdef int reset(self) except -1

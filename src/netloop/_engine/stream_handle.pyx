"""The handle of a connected stream socket: TCP or UNIX.

Receiving: one `recv` for each readiness, into a buffer that all streams share; the chunk is copied out, which for
small ones is cheaper than to allocate for the largest.  When chunks are large, the next one is received into a bytes
object of its own.  When they are small and many handles are ready, the poller has all of them receive, and then unpack
(TLS: decrypt), before the first calls its listeners; those of some KB are received into blocks (see blocks.pyx).

A receive that gets less than it asked for has taken everything: TCP is told of changes only (`told_of_changes`), and what
may have more comes back in the next turn.  A UNIX socket gets less where a descriptor was passed with the bytes, too.

Sending: `try_write` offers bytes to the kernel at once.  `write` takes a list, sends what the kernel accepts with one
`sendmsg`, and keeps the rest until the socket is writable; then `on_flush` tells that all of it went.  One list is
under way at a time: the stream above queues.

While the poller calls the listeners of a group of handles, what is short waits for the end of the group, and what was
written to one socket meanwhile is joined and leaves with one system call; who has to pack it first (TLS: encrypt) does so
right before, when all others do.  It counts as sent.  Should the kernel refuse it then, it goes before what is written next;
should the connection be gone, `on_error` tells.

Failures on these paths are results, a negative errno, and no exceptions: the stream above makes the error that its
users see.
"""

from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

from .blocks cimport BLOCK_ROOM, LEAST_BYTES, shorten
from .poller cimport FAILED, MORE, READABLE, RECEIVE_BYTES, WRITABLE, Handle
from .unix cimport (
    EAGAIN, EINTR, EWOULDBLOCK, MSG_NOSIGNAL, SHUT_WR, SO_ERROR, SOL_SOCKET, errno, getsockopt, iovec, linger_zero, recv,
    send, send_pieces, setsockopt, socklen_t,
)
from .unix cimport shutdown as shut_down

cdef extern from "Python.h":
    PyObject *new_bytes "PyBytes_FromStringAndSize"(const char *data, Py_ssize_t size) except NULL
    int _PyBytes_Resize(PyObject **bytes, Py_ssize_t size) except -1

cdef enum:
    SMALL = 8192                    # up to here, the next chunk may be received before its turn, and one to send may wait
    LARGE = 16384                   # from here on, copying a chunk costs more than allocating for the next
    MOST_PIECES = 64                # buffers in one sendmsg; the kernel allows 1024


cdef inline Py_ssize_t send_bytes(int fd, bytes data) noexcept:
    return send(fd, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), MSG_NOSIGNAL)


cdef inline bint not_now(int error):
    return error == EAGAIN or error == EWOULDBLOCK or error == EINTR


cdef class StreamHandle(Handle):
    """A connected, or connecting, stream socket.  A subclass overrides the hooks `on_...`."""

    cdef int prepare(self) except -1:
        """Receive a small chunk before its turn.  It is delivered whatever happens until then, unless the handle closes."""
        cdef Py_ssize_t size
        if not self._small or not self._wanted & READABLE or self._buffer is not None:
            return 0
        if self._early is not None or self._early_error:    # its turn has not come: the loop was halted
            return 0
        size = self._receive_early(self.poller._blocks.lend(BLOCK_ROOM) if self._suits_block else None)
        if size > 0:
            if self._unpacks:
                self.poller._unpacking.append(self)
        elif size < 0 and not not_now(errno):
            self._early_error = errno
        return 0

    cdef Py_ssize_t _receive_early(self, bytes block) except? -1:
        """Receive into a block, or copy out of the buffer that all share; returns as recv()."""
        cdef char *target = self.poller._receive_buffer if block is None else PyBytes_AS_STRING(block)
        cdef Py_ssize_t asked = LARGE if block is None else BLOCK_ROOM
        cdef Py_ssize_t size = recv(self.fd, target, asked, 0)
        if size > 0:
            self._note_size(size, asked, 0)
            if block is None:
                block = PyBytes_FromStringAndSize(target, size)
            else:
                shorten(block, size)
            self._early = block
        return size

    cdef int unpack(self) except -1:
        self._early = self.on_unpack(self._early)
        return 0

    cdef int on_ready(self, int mask) except -1:
        if self._connecting:
            return self._finish_connect()
        if mask & ~self._wanted & (READABLE | WRITABLE):
            self._passed_over = True
        if self._early is not None or self._early_error:
            self._deliver()
        elif self._wanted & READABLE and mask & (READABLE | FAILED):
            self._receive(mask & MORE)
        if self._wanted & WRITABLE and mask & (WRITABLE | FAILED):
            self._continue_flush()
        return 0

    cpdef told_of_changes(self):
        """It is a TCP socket: the kernel need not tell what it has told before."""
        self._edges = True

    cpdef unpack_early(self):
        """From now on, have `on_unpack` called for what is received before its turn."""
        self._unpacks = True

    # --- opening ----------------------------------------------------------------------------------------------------

    cpdef int wait_connect(self) except -1:
        """A non-blocking connect is under way: `on_connect` will tell how it ended."""
        self._connecting = True
        return self._watch(WRITABLE)

    cdef int _finish_connect(self) except -1:
        cdef int error = 0
        cdef socklen_t size = sizeof(error)
        if getsockopt(self.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0:
            error = errno
        self._connecting = False
        self._watch(0)
        self.on_connect(error)
        return 0

    cpdef on_connect(self, int error):
        """Hook: the connection is there (0), or failed (an errno)."""

    # --- receiving --------------------------------------------------------------------------------------------------

    cpdef int read_start(self) except -1:
        if self.fd >= 0:
            self._watch(self._wanted | READABLE)
        return 0

    cpdef int read_stop(self) except -1:
        if self.fd >= 0:
            self._watch(self._wanted & ~READABLE)
        return 0

    cpdef receive_into(self, object buffer):
        """Receive into a writable buffer of the caller's (`on_read_into`); None goes back to `on_read`."""
        self._buffer = buffer

    cpdef int receive_now(self) except -1:
        """Receive what is there already: the poller tells of it later, perhaps after something that depends on it."""
        self._deliver()
        if self.fd >= 0 and self._wanted & READABLE and not self._connecting:
            self._receive(0)
        return 0

    cdef int _deliver(self) except -1:
        """Tell what `prepare` found."""
        cdef bytes chunk = self._early
        cdef int error = self._early_error
        self._early, self._early_error = None, 0
        if chunk is not None:
            self.on_read(chunk)
        elif error:
            self._received_nothing(-1, error)
        return 0

    cdef int _note_size(self, Py_ssize_t size, Py_ssize_t asked, int more) except -1:
        """It tells how to receive the next chunk, and whether there is one already."""
        self._small = size <= SMALL
        self._suits_block = LEAST_BYTES <= size < BLOCK_ROOM
        self._large = size >= LARGE
        if self._edges and (size == asked or more):
            self.poller._come_back(self, READABLE | more)
        return 0

    cdef int _receive(self, int more) except -1:
        cdef Py_ssize_t size
        if self._buffer is not None:
            return self._receive_into_buffer(more)
        if self._large:
            return self._receive_large(more)
        size = recv(self.fd, self.poller._receive_buffer, RECEIVE_BYTES, 0)
        if size <= 0:
            return self._received_nothing(size, errno)
        self._note_size(size, RECEIVE_BYTES, more)
        self.on_read(PyBytes_FromStringAndSize(self.poller._receive_buffer, size))
        return 0

    cdef int _receive_large(self, int more) except -1:
        """Receive into a bytes object as large as a chunk can be, and give back what it is too large."""
        cdef int error
        cdef PyObject *owned = new_bytes(NULL, RECEIVE_BYTES)
        cdef Py_ssize_t size = recv(self.fd, PyBytes_AS_STRING(<object>owned), RECEIVE_BYTES, 0)
        if size <= 0:
            error = errno               # before the memory is freed, which may change it
            Py_DECREF(<object>owned)
            return self._received_nothing(size, error)
        self._note_size(size, RECEIVE_BYTES, more)
        _PyBytes_Resize(&owned, size)
        chunk = <bytes>owned
        Py_DECREF(chunk)
        self.on_read(chunk)
        return 0

    cdef int _receive_into_buffer(self, int more) except -1:
        cdef Py_buffer view
        cdef Py_ssize_t size, asked
        PyObject_GetBuffer(self._buffer, &view, PyBUF_WRITABLE)
        try:
            asked = view.len
            size = recv(self.fd, view.buf, asked, 0)
        finally:
            PyBuffer_Release(&view)
        if size <= 0:
            return self._received_nothing(size, errno)
        self._note_size(size, asked, more)
        self.on_read_into(size)
        return 0

    cdef int _received_nothing(self, Py_ssize_t result, int error) except -1:
        if result == 0:
            self.read_stop()
            self.on_end()
        elif not not_now(error):
            self.read_stop()
            self.on_error(error, "read")
        return 0

    cpdef bytes on_unpack(self, bytes data):
        """Hook, see `unpack_early`: `on_read` will get what is returned here; until then nobody may notice."""
        return data

    cpdef on_read(self, bytes data):
        """Hook: a chunk arrived."""

    cpdef on_read_into(self, Py_ssize_t size):
        """Hook: so many bytes arrived in the buffer given to `receive_into`."""

    cpdef on_end(self):
        """Hook: the peer has finished (EOF)."""

    # --- sending ----------------------------------------------------------------------------------------------------

    cpdef Py_ssize_t try_write(self, bytes data) except? -1:
        """Offer bytes to the kernel; returns how many it took now, 0 when none, or a negative errno."""
        cdef Py_ssize_t sent
        if self.poller._gathering and PyBytes_GET_SIZE(data) <= SMALL:
            return self._gather(data)
        if self._pieces is not None or self._departing is not None:
            return 0
        sent = send_bytes(self.fd, data)
        if sent < 0:
            return 0 if not_now(errno) else -errno
        return sent

    cpdef int write(self, list pieces) except? -1:
        """Send a list of bytes; returns 1 when the kernel took all, 0 when `on_flush` will tell, or a negative errno."""
        for piece in pieces:
            if type(piece) is not bytes:
                raise TypeError(f"pieces must be bytes; got {type(piece).__name__}")
        if self._departing is not None:
            pieces.insert(0, self._departing)
            self._departing = None
        if self._pieces is None:
            self._pieces, self._head, self._offset = pieces, 0, 0
        else:                       # refused when it was to depart
            self._pieces.extend(pieces)
        return self._offer()

    cdef int _offer(self) except? -1:
        """Send what the kernel takes, and the rest when it takes more; returns as `write`."""
        cdef int result = self._flush()
        if result == 0:
            self._watch(self._wanted | WRITABLE)
        return result

    cpdef bint pack_later(self) except -1:
        """While others write too, `on_pack` is called when all have done so, and what it writes leaves with the rest.

        Returns whether that is so.  If not, what is to be written is best written at once.
        """
        if not self.poller._gathering:
            return False
        if not self._packs:
            self._packs = True
            self.poller._packing.append(self)
        return True

    cdef int pack(self) except -1:
        self._packs = False
        if self.fd >= 0:
            self.on_pack()
        return 0

    cpdef on_pack(self):
        """Hook: what waited because of `pack_later` is to be written."""

    cdef Py_ssize_t _gather(self, bytes data) except? -1:
        """Let it wait for the end of the group; returns as `try_write`."""
        if self._departing is not None:
            if PyBytes_GET_SIZE(self._departing) + PyBytes_GET_SIZE(data) > SMALL:
                return 0
            self._departing += data
        elif self._pieces is None:
            self._departing = data
            self.poller._departing.append(self)
        else:
            return 0
        return PyBytes_GET_SIZE(data)

    cdef int depart(self) except -1:
        cdef bytes data = self._departing
        cdef Py_ssize_t sent
        if data is None:            # it has left with something longer
            return 0
        self._departing = None
        sent = send_bytes(self.fd, data)
        if sent == PyBytes_GET_SIZE(data):
            return 0
        if sent < 0 and not not_now(errno):
            self.on_error(errno, "write")
        else:
            self._pieces, self._head, self._offset = [data], 0, max(sent, 0)
            self._watch(self._wanted | WRITABLE)
        return 0

    cdef int _flush(self) except? -1:
        """Send as much as the kernel takes: 1 all, 0 not all, or a negative errno."""
        cdef iovec window[MOST_PIECES]
        cdef list pieces = self._pieces
        cdef bytes piece
        cdef int count
        cdef Py_ssize_t sent, at
        while True:
            count = 0
            at = self._head
            while at < len(pieces) and count < MOST_PIECES:
                piece = <bytes>pieces[at]
                window[count].iov_base = PyBytes_AS_STRING(piece)
                window[count].iov_len = PyBytes_GET_SIZE(piece)
                at += 1
                count += 1
            if count == 0:
                self._pieces = None
                return 1
            window[0].iov_base = <char *>window[0].iov_base + self._offset
            window[0].iov_len -= self._offset
            sent = send_pieces(self.fd, window, count)
            if sent < 0:
                if not_now(errno):
                    return 0
                self._pieces = None
                return -errno
            self._advance(sent)

    cdef int _advance(self, Py_ssize_t sent) except -1:
        """Forget `sent` bytes, and give their memory back now rather than when the whole list is through."""
        cdef list pieces = self._pieces
        cdef Py_ssize_t left
        sent += self._offset
        while self._head < len(pieces):
            left = sent - PyBytes_GET_SIZE(<bytes>pieces[self._head])
            if left < 0:
                break
            pieces[self._head] = b""
            self._head += 1
            sent = left
        self._offset = sent
        return 0

    cdef int _continue_flush(self) except -1:
        cdef int result
        if self._pieces is None:
            self._watch(self._wanted & ~WRITABLE)
            return 0
        result = self._flush()
        if result == 0:
            return 0
        self._watch(self._wanted & ~WRITABLE)
        if result > 0:
            self.on_flush()
        else:
            self.on_error(-result, "write")
        return 0

    def unsent(self):
        """How many bytes the kernel did not take yet, of what waits for the end of a group or was given to `write`."""
        if self._departing is not None:
            return len(self._departing)
        return sum(map(len, self._pieces)) - self._offset if self._pieces is not None else 0

    cpdef on_flush(self):
        """Hook: the kernel took all that `write` had to keep."""

    cpdef int shutdown(self) except? -1:
        """Finish writing (FIN), after `write([])` said that all was sent; returns 0 or a negative errno."""
        return 0 if shut_down(self.fd, SHUT_WR) == 0 else -errno

    # --- ending -----------------------------------------------------------------------------------------------------

    cpdef on_error(self, int error, str syscall):
        """Hook: `syscall` ("read" or "write") failed with this errno.  The handle stays open until its owner closes it."""

    cpdef int close(self) except -1:
        if self._departing is not None:
            send_bytes(self.fd, self._departing)
        self._pieces = self._departing = self._early = None
        self._early_error = 0
        return Handle.close(self)

    cpdef int reset(self) except -1:
        """Close with a reset (RST): what is unsent is dropped and the peer sees ECONNRESET."""
        self._departing = None
        if self.fd >= 0:
            linger_zero(self.fd)
        return self.close()

    def set_option(self, int level, int name, int value):
        """setsockopt with an int; returns 0 or a negative errno."""
        return 0 if setsockopt(self.fd, level, name, &value, sizeof(value)) == 0 else -errno

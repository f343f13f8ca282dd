"""The poller: waits for descriptors that can proceed, and calls their handles.

One *turn* is: one look at the descriptors, the timers that are due, the immediates.  After each callback of any of them
the tick queue is drained, before the next callback runs.

Readiness means no more than "try": a handle finds out by the system call what is there.  An event that was reported for
a descriptor that was closed in the same batch, and whose number was given to a new one since, reaches nobody: the new one
is not watched yet.  A handle that watches nothing is taken out of the kernel's set: an error or a hang-up would be
reported for it again and again, although nobody is there to hear it.

Readiness is told as long as it lasts (level-triggered), or once for each change (edge-triggered) to handles that know
when they have taken everything: the kernel then need not look at each of them a second time, which is a thirtieth of
the CPU of a short message.  What such a handle leaves behind, it has to remember: `_come_back`.

The poller drives itself inside asyncio's own loop (see selector.pyx), or is driven by a loop that somebody else made:
then it says with the hook `on_work` that something is to be done that no descriptor tells of.
"""

from libc.stdlib cimport free, malloc

from .unix cimport close as close_descriptor
from .unix cimport monotonic_ns


cdef class Continuation:
    """Something that waits for others before it goes on, see `proceed_later`."""

    cpdef proceed(self):
        """Hook: go on.  Who has to wait once more says so again."""


cdef class Poller(LoopBase):
    """Base of the pollers: everything but the kernel's interface, which is `_control` and `_wait` of a subclass."""

    def __cinit__(self, *args, **kwargs):
        self.ticks = TickQueue.__new__(TickQueue)
        self.timers = TimerLists.__new__(TimerLists, self)
        self.immediates = ImmediateQueue.__new__(ImmediateQueue)
        self._handles, self._changed, self._unfinished, self._departing, self._starved = [], [], [], [], []
        self._unpacking, self._packing, self._foreign, self.foreign_ready = [], [], {}, []
        self._blocks = Blocks()
        self.now = monotonic_ns()
        self._receive_buffer = <char *>malloc(RECEIVE_BYTES)
        if self._receive_buffer is NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self._receive_buffer)

    # --- a turn -----------------------------------------------------------------------------------------------------

    cpdef int settle(self) except -1:
        """Run the ticks that were queued outside a turn, so that what they open and close is known before it."""
        if self.ticks.pending():
            self.now = monotonic_ns()
            self._turning = True
            try:
                self.ticks.drain(self)
            finally:
                self._turning = False
        return 0

    cpdef int turn(self, double timeout) except -1:
        """Look once for events for at most `timeout` seconds (negative: as long as it takes), and do what is due.

        Returns how many descriptors were ready.
        """
        cdef int found
        cdef Py_ssize_t unfinished = len(self._unfinished)
        self._turning = True
        try:
            if self._changed:
                self._apply_changes()
            found = self._wait(0.0 if self.halted else self._patience(timeout))
            if unfinished:
                self._go_on(unfinished)
            if self.timers.next_deadline != -1:
                self.timers.expire(self.now, self.ticks)
            self.immediates.run(self, self.ticks)
        finally:
            self._turning = False
            if self._embedded and self._changed:
                self._apply_changes()       # the loop that drives us sleeps next, until the kernel finds something
        return found

    cdef double _patience(self, double timeout):
        """How long the poller may sleep, in seconds; negative is for ever."""
        cdef double until_timer
        if self._has_work():
            return 0.0
        if self.timers.next_deadline == -1:
            return timeout
        until_timer = max(0.0, (self.timers.next_deadline - monotonic_ns()) * 1e-9)
        return until_timer if timeout < 0 else min(timeout, until_timer)

    cdef int _wait(self, double timeout) except -1:
        """Wait, and `_dispatch` what is ready; returns how many descriptors that were."""
        ready = self.wait(timeout)
        self.now = monotonic_ns()
        for fd, mask in ready:
            if self.halted:
                break
            self._dispatch(fd, mask)
        return len(ready)

    cdef int _go_on(self, Py_ssize_t count) except -1:
        """Call the handles that left something behind in the turn before; all others had their turn."""
        cdef Handle handle
        cdef int mask
        cdef Py_ssize_t at = 0
        try:
            while at < count and not self.halted:
                handle = self._unfinished[at]
                at += 1
                mask, handle._left = handle._left, 0
                if handle.fd >= 0:
                    self._call(handle, mask)
        finally:
            del self._unfinished[:at]
        return 0

    cdef int _come_back(self, Handle handle, int mask) except -1:
        """Call a handle again in the next turn, as if the kernel had told of `mask` once more."""
        if not handle._left:
            self._unfinished.append(handle)
        handle._left |= mask
        return 0

    cdef int _unpack(self) except -1:
        """Let handles make of what they received what they will tell of."""
        cdef Handle handle
        unpacking, self._unpacking = self._unpacking, []
        for handle in unpacking:
            try:
                handle.unpack()
            except Exception as error:
                self.report(error)
        return 0

    cdef Continuation _take_first(self):
        """The next one in the line of those that proceed."""
        cdef Continuation continuation = self._first
        self._first, continuation._next = continuation._next, None
        continuation._waits = False
        if self._first is None:
            self._last = None
        return continuation

    cdef int _pack(self) except -1:
        """Let handles make ready what is to leave, while it is still gathered; what follows from that may add to it."""
        cdef Handle handle
        cdef Py_ssize_t at = 0
        try:
            while at < len(self._packing):
                handle = <Handle>self._packing[at]
                at += 1
                try:
                    handle.pack()
                except Exception as error:
                    self.report(error)
                if self.ticks.pending():
                    self.ticks.drain(self)
        finally:
            del self._packing[:at]
        return 0

    cdef int _depart(self) except -1:
        """Send what was gathered."""
        cdef Handle handle
        cdef Py_ssize_t at = 0
        try:
            while at < len(self._departing):
                handle = <Handle>self._departing[at]
                at += 1
                try:
                    handle.depart()
                except Exception as error:
                    self.report(error)
        finally:
            del self._departing[:at]
        if self.ticks.pending():
            self.ticks.drain(self)
        return 0

    cdef int _dispatch(self, int fd, int mask) except -1:
        cdef Handle handle = <Handle>self._handles[fd] if fd < len(self._handles) else None
        if handle is None:
            entry = self._foreign.get(fd)
            if entry is not None:
                self.foreign_ready.append((entry[1], mask))
            return 0
        if not handle._mask:
            return 0                    # it is not watched yet: the event is of the descriptor that had the number before
        return self._call(handle, mask)

    cdef int _call(self, Handle handle, int mask) except -1:
        try:
            handle.on_ready(mask)
        except Exception as error:
            self.report(error)
        if self.ticks.pending():
            self.ticks.drain(self)
        return 0

    def clear(self):
        """Forget what waits: ticks, immediates and timers."""
        self.ticks.clear()
        self.immediates.clear()
        self.timers.clear()
        while self._first is not None:
            self._take_first()

    def take_foreign(self):
        """What was found ready for asyncio since the last call: a list of (data, mask)."""
        ready, self.foreign_ready = self.foreign_ready, []
        return ready

    def halt(self, bint halted=True):
        """Dispatch nothing more: an error that nobody handled ends the loop."""
        self.halted = halted

    # --- what waits for a turn --------------------------------------------------------------------------------------

    cpdef next_tick(self, callback, tuple arguments=()):
        """Call ``callback(*arguments)`` on the tick queue, before the poller goes on."""
        self.ticks.append(callback, arguments)
        self.work_came_up()

    cpdef next_tick_of(self, callback, thing):
        """Call ``callback(thing)`` on the tick queue: for ticks of each message.  `thing` is no tuple."""
        self.ticks.append(callback, thing)
        self.work_came_up()

    def set_immediate(self, callback, tuple arguments=()):
        """Call ``callback(*arguments)`` once the poller has looked for events; returns the `Immediate`."""
        cdef Immediate immediate = Immediate(self, callback, arguments)
        self.immediates.append(immediate)
        return immediate

    def embed(self):
        """Somebody else's loop drives this poller: the hook `on_work` says when it must."""
        self._embedded = True

    def has_work(self):
        """Whether something waits that needs no event."""
        return self._has_work()

    cpdef on_idle(self):
        """Hook: nothing is open that keeps the loop alive, and nothing waits."""

    def hold(self):
        """Count something as open that is no handle: a look-up in a thread, a task."""
        self.refs += 1

    def release(self):
        self.refs -= 1

    # --- descriptors ------------------------------------------------------------------------------------------------

    cdef int _add(self, Handle handle) except -1:
        cdef list handles = self._handles
        while len(handles) <= handle.fd:
            handles.append(None)
        handles[handle.fd] = handle
        self.refs += 1
        return 0

    cdef int _remove(self, Handle handle) except -1:
        self._handles[handle.fd] = None
        self.refs -= handle._refd
        if self._starved:
            self._feed_starved()
        return 0

    cdef int _apply_changes(self) except -1:
        """Tell the kernel what the handles want to watch by now."""
        cdef Handle handle
        changed, self._changed = self._changed, []
        for handle in changed:
            handle._change_noted = False
            if handle.fd < 0 or handle._wanted == handle._mask and not handle._passed_over:
                continue
            try:
                self._control(handle.fd, handle._mask, handle._wanted | (EDGES if handle._edges else 0))
                handle._mask, handle._passed_over = handle._wanted, False
            except OSError as error:    # somebody else closed the descriptor: that must not stop the others
                self.report(error)
        return 0

    cdef int _feed_starved(self) except -1:
        """A descriptor was freed: whoever waits for one may try again."""
        starved, self._starved = self._starved, []
        for handle in starved:
            self.next_tick(handle.resume)
        return 0

    cdef int _control(self, int fd, int old_mask, int mask) except -1:
        self.control(fd, old_mask, mask)
        return 0

    def watch_foreign(self, int fd, int mask, data):
        """Watch a descriptor that asyncio owns: `data` comes back from `take_foreign` with what is ready."""
        entry = self._foreign.get(fd)
        try:
            self._control(fd, entry[0] if entry is not None else 0, mask)
        except FileNotFoundError:       # closed since, and the number was given to another descriptor
            self._control(fd, 0, mask)
        self._foreign[fd] = (mask, data)

    def forget_foreign(self, int fd):
        entry = self._foreign.pop(fd)
        if fd < len(self._handles) and self._handles[fd] is not None:
            return                      # closed before it was unregistered, and the number is a handle's by now
        try:
            self._control(fd, entry[0], 0)
        except OSError:
            pass                        # closed before it was unregistered: the kernel forgot it already

    def handles(self):
        """The open handles."""
        return [handle for handle in self._handles if handle is not None]


cpdef bint proceed_later(Poller poller, Continuation continuation) except -1:
    """While a group of handles is served: have `proceed` called when all of them have come as far.

    Returns whether that is so.  If not, what is to be done is done best at once.  What waits already is called once.

    No method, because that would be looked up in the class of the loop, which is a Python one.
    """
    if not poller._gathering or continuation._waits:
        return poller._gathering
    continuation._waits = True
    if poller._first is None:
        poller._first = continuation
    else:
        poller._last._next = continuation
    poller._last = continuation
    return True


cdef class Handle:
    """Owner of one descriptor.  It is open from the start, keeps the loop alive, and closes once."""

    def __init__(self, Poller poller not None, int fd):
        if fd < 0:
            raise ValueError(f"fd must be >= 0; got {fd}")
        self.poller, self.fd, self._refd = poller, fd, True
        poller._add(self)

    def __cinit__(self, *args, **kwargs):
        self.fd = -1

    def __dealloc__(self):
        if self.fd >= 0:
            close_descriptor(self.fd)

    cdef int prepare(self) except -1:
        """The descriptor is readable, and `on_ready` will be called soon: what nobody notices may be done already."""
        return 0

    cdef int unpack(self) except -1:
        """The same, after all have prepared, for those that asked for it: what needs no system call."""
        return 0

    cdef int on_ready(self, int mask) except -1:
        """The descriptor can proceed in the ways that `mask` says, or failed."""
        return 0

    cdef int pack(self) except -1:
        """What listeners wrote while the poller was gathering leaves soon: what it still needs is to be done now."""
        return 0

    cdef int depart(self) except -1:
        """What listeners wrote while the poller was gathering is to leave now."""
        return 0

    cpdef on_abandon(self):
        """Hook: the loop ends while this is open.  The owner closes it with whatever its users must hear."""
        self.close()

    cdef int _watch(self, int mask) except -1:
        """Watch for other things from now on.

        The kernel is told before the poller looks next, so what is changed twice in one turn, or closed right after,
        costs no system call.
        """
        self._wanted = mask
        if not self._change_noted and mask != self._mask:
            self._change_noted = True
            self.poller._changed.append(self)
            return self.poller.work_came_up()
        return 0

    cpdef int close(self) except -1:
        """Close the descriptor.  The kernel takes it out of its set by itself."""
        cdef int fd = self.fd
        if fd >= 0:
            self.poller._remove(self)
            self.fd = -1
            self._mask = self._wanted = 0
            close_descriptor(fd)
        return 0

    def detach(self):
        """Give the descriptor away, still open, and close the handle; returns the descriptor."""
        cdef int fd = self.fd
        if fd < 0:
            raise OSError("the handle is closed")
        if self._mask:
            self.poller._control(fd, self._mask, 0)
        self.poller._remove(self)
        self.fd = -1
        self._mask = self._wanted = 0
        return fd

    @property
    def closed(self):
        return self.fd < 0

    def ref(self):
        """Let the handle keep the loop alive (the default)."""
        if not self._refd:
            self._refd = True
            self.poller.refs += self.fd >= 0

    def unref(self):
        """Let the loop end although this is open."""
        if self._refd:
            self._refd = False
            self.poller.refs -= self.fd >= 0

    def has_ref(self):
        return bool(self._refd)

    def fileno(self):
        return self.fd

    def describe(self):
        """One line for those who ask what keeps the loop alive."""
        return repr(self)

    def __repr__(self):
        return f"<{type(self).__name__} {f'fd {self.fd}' if self.fd >= 0 else 'closed'}>"

"""What Node delivers "later": ticks, which run after each callback, and immediates, which run once a turn.

A tick queued by a tick runs in the same drain, so an endless chain of ticks starves everything else, as it does in
Node.  An immediate queued by an immediate waits for the next turn, after the poller has looked for events again.
"""

from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_GET_SIZE

cdef enum:
    FEWEST = 32             # places of the ring, two for each tick; a power of two
    MOST_KEPT = 2048        # of an empty one

cdef extern from "Python.h":
    object PyObject_Vectorcall(object function, PyObject **arguments, size_t count, PyObject *names)
    PyObject **PySequence_Fast_ITEMS(object sequence)


cdef class LoopBase:
    """What the queues and timers know of their loop: where errors go, what keeps it alive, whom to tell of work."""

    cpdef long long clock(self) except -1:
        """Now, exactly: nanoseconds, monotonic."""
        return monotonic_ns()

    cpdef report(self, object error):
        """Hook: `error` was raised by a callback, and no caller is left to catch it."""
        raise error

    cpdef on_work(self):
        """Hook: work came up while no turn is under way, and no descriptor will tell."""


cpdef long long recent(LoopBase loop) except -1:
    """Now, for what is noted of each message: see `LoopBase.time`, which only compiled code can call.

    No method, because that would be looked up in the class of the loop, which is a Python one.
    """
    return loop.time()


cdef inline object _call(object function, object arguments):
    """``function(*arguments)``, or ``function(arguments)`` when that is no tuple; no tuple is made for the call."""
    cdef PyObject *argument = <PyObject *>arguments
    if type(arguments) is tuple:
        return PyObject_Vectorcall(function, PySequence_Fast_ITEMS(arguments), PyTuple_GET_SIZE(arguments), NULL)
    return PyObject_Vectorcall(function, &argument, 1, NULL)


cdef class TickQueue:
    """A queue of calls: functions, each with its arguments, or the only one.

    An exception in one is reported and does not keep the next from running.
    """

    def __cinit__(self):
        self.clear()

    cdef int append(self, object callback, object arguments) except -1:
        if self._tail - self._head == <size_t>len(self._ring):
            self._grow()
        cdef list ring = self._ring
        cdef size_t at = self._tail & (len(ring) - 1)
        ring[at] = callback
        ring[at + 1] = arguments
        self._tail += 2
        return 0

    cdef int _grow(self) except -1:
        cdef Py_ssize_t size = len(self._ring), at = self._head & (size - 1)
        self._ring = self._ring[at:] + self._ring[:at] + [None] * size
        self._head, self._tail = 0, size
        return 0

    cdef int drain(self, LoopBase loop) except -1:
        """Call all of them, and those that they queue.  What is interrupted leaves the others where they are."""
        cdef list ring
        cdef size_t at
        while self.pending() and not loop.halted:
            ring = self._ring
            at = self._head & (len(ring) - 1)
            callback, arguments = ring[at], ring[at + 1]
            ring[at] = ring[at + 1] = None      # what they refer to shall not wait for the others
            self._head += 2
            try:
                _call(callback, arguments)
            except Exception as error:
                loop.report(error)
        if len(self._ring) > MOST_KEPT and not self.pending():
            self.clear()
        return 0

    def clear(self):
        self._ring = [None] * FEWEST
        self._head = self._tail = 0


cdef class Immediate:
    """A call that runs after the poller has looked for events.  `ref` and `unref` say whether it keeps the loop alive."""

    def __init__(self, LoopBase loop, callback, tuple arguments):
        self.callback, self.arguments, self._loop = callback, arguments, loop
        self._refd = self._pending = True

    def ref(self):
        if not self._refd:
            self._refd = True
            self._loop.refs += self._pending
        return self

    def unref(self):
        if self._refd:
            self._refd = False
            self._loop.refs -= self._pending
        return self

    def has_ref(self):
        return self._refd

    def close(self):
        """Take it back, if it has not run yet."""
        if self._pending:
            self._pending = False
            self._loop.refs -= self._refd

    def __repr__(self):
        return f"<Immediate {self.callback!r}{'' if self._pending else ', done'}>"


cdef class ImmediateQueue:
    """The immediates of the next turn."""

    def __cinit__(self):
        self._entries = []

    cdef int append(self, Immediate immediate) except -1:
        self._entries.append(immediate)
        immediate._loop.refs += immediate._refd
        return immediate._loop.work_came_up()

    cdef int run(self, LoopBase loop, TickQueue ticks) except -1:
        cdef list batch
        cdef Py_ssize_t at = 0
        if not self._entries:
            return 0
        batch, self._entries = self._entries, []
        try:
            while at < len(batch):
                at += 1
                self._run_one(<Immediate>batch[at - 1], loop)
                if ticks.pending():
                    ticks.drain(loop)
        finally:
            if at < len(batch):             # interrupted: what did not run keeps its turn
                self._entries = batch[at:] + self._entries
        return 0

    cdef int _run_one(self, Immediate immediate, LoopBase loop) except -1:
        if not immediate._pending:
            return 0
        immediate.close()
        if loop.halted:
            return 0
        try:
            immediate.callback(*immediate.arguments)
        except Exception as error:
            loop.report(error)
        return 0

    def clear(self):
        cdef Immediate immediate
        for immediate in self._entries:
            immediate.close()
        self._entries = []

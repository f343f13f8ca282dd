from .blocks cimport Blocks
from .tick_queue cimport Immediate, ImmediateQueue, LoopBase, TickQueue
from .timer_lists cimport TimerLists

cdef enum:
    READABLE = 1            # as selectors.EVENT_READ
    WRITABLE = 2            # as selectors.EVENT_WRITE
    FAILED = 4              # the descriptor has an error or the peer hung up: whoever is there finds out by a system call
    MORE = 8                # one system call does not show all of it: an end or an error comes after the bytes
    EDGES = 16              # asked of the kernel, never told: tell once of each change, not as long as it lasts

    RECEIVE_BYTES = 122880  # what one receive asks for: many; but from 128 KiB on, malloc takes fresh pages of the kernel


cdef class Continuation:
    cdef Continuation _next             # who proceeds after it
    cdef bint _waits                    # it is in the line
    cpdef proceed(self)


cdef class Poller(LoopBase):
    cdef readonly TimerLists timers
    cdef TickQueue ticks
    cdef ImmediateQueue immediates
    cdef list _handles                  # descriptor -> Handle or None: nothing else gets in, so casts are not checked
    cdef list _changed                  # handles that want to watch something else than the kernel knows
    cdef list _unfinished               # handles that left something behind: they go on in the next turn
    cdef dict _foreign                  # descriptor -> [mask, data]: what asyncio registered through the selector
    cdef readonly list foreign_ready    # (data, mask) found in this turn
    cdef bint _gathering                # short writes wait for the end of a group of calls, and leave together
    cdef Continuation _first, _last     # the line of what goes on once all of the group have come as far
    cdef list _departing                # handles of which such writes wait; the same is true
    cdef list _packing                  # handles that have something to do before such writes can leave
    cdef list _unpacking                # handles that have something to do with what they received before their turn
    cdef list _starved                  # listening handles that wait for a free descriptor
    cdef Blocks _blocks                 # what is received before its turn, of some KB
    cdef char *_receive_buffer          # shared by all streams: a chunk is copied out unless it is large
    cdef public long long busy_poll     # nanoseconds to go on looking before falling asleep
    cdef long long _last_event

    # a turn
    cpdef int settle(self) except -1
    cpdef int turn(self, double timeout) except -1
    cdef double _patience(self, double timeout)
    cdef int _wait(self, double timeout) except -1
    cdef int _go_on(self, Py_ssize_t count) except -1
    cdef int _dispatch(self, int fd, int mask) except -1
    cdef int _call(self, Handle handle, int mask) except -1
    cdef int _come_back(self, Handle handle, int mask) except -1
    cdef int _unpack(self) except -1
    cdef Continuation _take_first(self)
    cdef int _pack(self) except -1
    cdef int _depart(self) except -1

    # what waits for a turn
    cdef inline bint _has_work(self):
        return (self.ticks.pending() or self.immediates.pending() or len(self._unfinished) > 0
                or self._first is not None)

    cpdef next_tick(self, callback, tuple arguments=*)
    cpdef next_tick_of(self, callback, thing)

    cpdef on_idle(self)
    cdef inline bint idle(self):
        return self.refs <= 0 and not self.ticks.pending()

    # descriptors
    cdef int _add(self, Handle handle) except -1
    cdef int _remove(self, Handle handle) except -1
    cdef int _control(self, int fd, int old_mask, int mask) except -1
    cdef int _apply_changes(self) except -1
    cdef int _feed_starved(self) except -1


cpdef bint proceed_later(Poller poller, Continuation continuation) except -1


cdef class Handle:
    cdef readonly int fd                # -1 once closed
    cdef int _mask                      # what the kernel watches
    cdef int _wanted                    # what it is to watch
    cdef int _left                      # with what it comes back in the next turn
    cdef readonly Poller poller
    cdef bint _edges                    # the kernel tells of changes only
    cdef bint _passed_over              # it told of one that was not wanted just then: ask it again
    cdef bint _change_noted
    cdef bint _refd
    cdef public object origin           # where in the user's program it was made: "app.py:12", or None
    cdef int prepare(self) except -1
    cdef int unpack(self) except -1
    cdef int on_ready(self, int mask) except -1
    cdef int pack(self) except -1
    cdef int depart(self) except -1
    cdef int _watch(self, int mask) except -1
    cpdef int close(self) except -1
    cpdef on_abandon(self)

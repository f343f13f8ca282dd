"""Timers: a list per duration, refreshed in constant time.

Most timers of a network program are idle timeouts: all of the same duration, started and refreshed all the time, and
hardly ever due.  Timers of one duration become due in the order in which they were started, so each duration has a
linked list, and a refresh moves the timer to its end: a few pointers, no heap.  A heap holds one entry for each list
that is not empty, with a deadline that may be too early (its first timer was refreshed since) but never too late:
when it comes, the list is looked at and entered again.
"""

from heapq import heappop, heappush

from .unix cimport monotonic_ns


cdef class Timer:
    """One timer.  A subclass says what happens: `on_timeout` is called when it is due."""

    def __cinit__(self, *args, **kwargs):
        self._refd = True

    cpdef on_timeout(self):
        """Hook: the timer is due."""

    cpdef int start(self, TimerLists lists, long long duration, bint repeat=False) except -1:
        """Start, or start again, with `duration` in milliseconds from now."""
        self.stop()
        self._lists, self.duration, self.repeat = lists, duration, repeat
        lists._loop.refs += self._refd
        return self._link(monotonic_ns())

    cpdef int stop(self) except -1:
        """Stop for good: only `start` starts it again."""
        if self._list is not None:
            self._unlink()
            self._lists._loop.refs -= self._refd
        self._lists = None
        self.repeat = False
        return 0

    def refresh(self):
        """Start the same duration again from now, also when the timer was due already; not when it was stopped."""
        self.touch()
        return self

    cpdef int touch(self) except -1:
        """`refresh`, for the hot path of every idle timeout."""
        cdef TimerList timers = self._list
        cdef long long now
        if self._lists is None:
            return 0
        now = self._lists._loop.time()
        if timers is None:
            self._lists._loop.refs += self._refd
            return self._link(now)
        if timers.last is not self:
            self._unlink()
            self._append_to(timers, now)
        self._started = now
        return 0

    cdef int _link(self, long long now) except -1:
        self._append_to(self._lists._list_of(self.duration, now), now)
        return 0

    cdef void _append_to(self, TimerList timers, long long now):
        self._started = now
        self._list = timers
        self._previous = timers.last
        if timers.last is None:
            timers.first = self
        else:
            timers.last._next = self
        timers.last = self

    cdef void _unlink(self):
        cdef TimerList timers = self._list
        if self._previous is None:
            timers.first = self._next
        else:
            self._previous._next = self._next
        if self._next is None:
            timers.last = self._previous
        else:
            self._next._previous = self._previous
        self._list = self._previous = self._next = None

    @property
    def active(self):
        return self._list is not None

    def ref(self):
        """Let the timer keep the loop alive (the default)."""
        if not self._refd:
            self._refd = True
            if self._list is not None:
                self._lists._loop.refs += 1
        return self

    def unref(self):
        """Let the loop end although the timer is not due yet."""
        if self._refd:
            self._refd = False
            if self._list is not None:
                self._lists._loop.refs -= 1
        return self

    def has_ref(self):
        return bool(self._refd)


cdef class TimerList:
    """The timers of one duration, in the order in which they become due."""


cdef class TimerLists:
    """All the timers of a loop."""

    def __cinit__(self, LoopBase loop):
        self._loop = loop
        self._by_duration, self._heap = {}, []
        self.next_deadline = -1

    cdef TimerList _list_of(self, long long duration, long long now):
        cdef TimerList timers = self._by_duration.get(duration)
        if timers is None:
            timers = self._by_duration[duration] = TimerList.__new__(TimerList)
            timers.duration = duration
            self._schedule(timers, now + duration * 1000000)
        return timers

    cdef int _schedule(self, TimerList timers, long long deadline) except -1:
        self._number += 1               # never compare two lists
        heappush(self._heap, (deadline, self._number, timers))
        if self._heap[0][0] == self.next_deadline:
            return 0
        self.next_deadline = self._heap[0][0]
        return self._loop.work_came_up()

    cdef int expire(self, long long now, TickQueue ticks) except -1:
        """Call what is due at `now`."""
        cdef TimerList timers
        while self.next_deadline != -1 and self.next_deadline <= now and not self._loop.halted:
            timers = heappop(self._heap)[2]
            try:
                self._expire_list(timers, now, ticks)
            finally:
                if timers.first is None:
                    del self._by_duration[timers.duration]
                    self.next_deadline = self._heap[0][0] if self._heap else -1
                else:
                    self._schedule(timers, timers.deadline())
        return 0

    cdef int _expire_list(self, TimerList timers, long long now, TickQueue ticks) except -1:
        cdef Timer timer
        while timers.first is not None and timers.deadline() <= now and not self._loop.halted:
            timer = timers.first
            timer._unlink()
            self._loop.refs -= timer._refd
            try:
                timer.on_timeout()
            except Exception as error:
                self._loop.report(error)
            if timer.repeat and timer._list is None:        # neither stopped nor started by its own callback
                timer.start(self, timer.duration, True)
            if ticks.pending():
                ticks.drain(self._loop)
        return 0

    def waiting(self):
        """Every timer that waits, for those who ask what keeps the loop alive."""
        cdef TimerList timers
        cdef Timer timer
        found = []
        for timers in self._by_duration.values():
            timer = timers.first
            while timer is not None:
                found.append(timer)
                timer = timer._next
        return found

    def clear(self):
        for timer in self.waiting():
            (<Timer>timer).stop()

    def seconds_left(self):
        """Until the next timer is due; not negative."""
        return max(0.0, (self.next_deadline - monotonic_ns()) * 1e-9)

"""The table of an emitter: event -> its listener, or a tuple of listeners.

Events are what a dict takes for keys, in its order, and are found as there; what an event has is not None.  Most
emitters of a network program have listeners for two events at a time, whose names are constants of the program: to
compare them by identity takes a quarter of a look-up in a dict, and to make a table and drop it again, as each request
does, a third of that for a dict.  From the third event on there is one.
"""

cimport cython

cdef extern from "Python.h":
    int PyUnicode_CHECK_INTERNED(object text)

cdef enum:
    NOWHERE = -1
    FIRST = 0
    SECOND = 1
    FURTHER = 2


@cython.final
@cython.freelist(64)
@cython.trashcan(True)          # an emitter may be the listener of another, and so on, for as long as you like
cdef class ListenerTable:
    """Events in the order in which they came, none of them twice."""

    cpdef object get(self, object event):
        """What the event has; None when it is not there."""
        cdef int place
        if event is self._first:
            return self._first_entry
        if event is self._second:
            return self._second_entry
        place = self._place(event)
        if place == FIRST:
            return self._first_entry
        if place == SECOND:
            return self._second_entry
        return self._others[event] if place == FURTHER else None

    cpdef bint is_single(self) noexcept:
        """Whether there is one event, and no other."""
        return self._first_entry is not None and self._second_entry is None

    cpdef object add(self, object event, object entry):
        """Add an event; if it is there, change nothing and return what it has, else None."""
        found = self.get(event)
        if found is not None:
            return found
        if self._first_entry is None:
            self._first, self._first_entry = event, entry
        elif self._second_entry is None:
            self._second, self._second_entry = event, entry
        else:
            if self._others is None:
                self._others = {}
            self._others[event] = entry
        return None

    cdef int _place(self, object event) except -2:
        """Where an event stands that is equal to this one."""
        if type(event) is not str:
            hash(event)                     # TypeError, if it cannot be an event
        if self._first_entry is not None and _are_equal(event, self._first):
            return FIRST
        if self._second_entry is not None and _are_equal(event, self._second):
            return SECOND
        if self._others is not None and event in self._others:
            return FURTHER
        return NOWHERE

    def __setitem__(self, object event, object entry):
        """Give an event that is there something else."""
        cdef int place = self._place(event)
        if place == FIRST:
            self._first_entry = entry
        elif place == SECOND:
            self._second_entry = entry
        elif place == FURTHER:
            self._others[event] = entry
        else:
            raise KeyError(event)

    def __delitem__(self, object event):
        """Take an event out; those after it move up."""
        cdef int place = self._place(event)
        if place == NOWHERE:
            raise KeyError(event)
        if place == FURTHER:
            del self._others[event]
            return
        # What is taken out goes at the end: whoever goes with it, and looks from there, finds the table in order.
        _gone = (self._first, self._first_entry, self._second, self._second_entry)
        next_event = next(iter(self._others)) if self._others else None
        next_entry = self._others.pop(next_event) if self._others else None
        if place == FIRST:
            self._first, self._first_entry = self._second, self._second_entry
        self._second, self._second_entry = next_event, next_entry

    def __iter__(self):
        events = []
        if self._first_entry is not None:
            events.append(self._first)
        if self._second_entry is not None:
            events.append(self._second)
        return iter(events if self._others is None else [*events, *self._others])


cdef inline bint _are_equal(object event, object other) except -1:
    if event is other:
        return True
    if type(event) is str and type(other) is str and PyUnicode_CHECK_INTERNED(event) and PyUnicode_CHECK_INTERNED(other):
        return False                # no two objects that are interned texts are equal
    return hash(event) == hash(other) and event == other

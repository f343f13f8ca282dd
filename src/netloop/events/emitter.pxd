import cython

from netloop._engine.arity cimport least_arguments, most_arguments
from netloop._engine.listener_table cimport ListenerTable

from .listener cimport ListenerDecorator, OnceListener, call_fitting, checked, is_entry_of, unwrapped

cdef object _last_plain


cdef class EventEmitter:
    cdef dict __dict__
    cdef object __weakref__
    cdef ListenerTable _listeners   # event -> its listener, or a tuple of listeners
    cdef bint _monitored            # whether error_monitor has listeners
    cdef object _max_listeners      # None: events.default_max_listeners
    cdef set _warned                # events that were warned about
    cdef public object _capture_rejections  # None: events.capture_rejections

    # Emit.  Not cpdef: whether a subclass in Python overrides a cpdef method is looked up at each call, which costs
    # two to three times the call itself when the objects take turns.  What is not compiled calls emit().
    cdef bint _emit0(self, object event) except -1
    @cython.locals(most=Py_ssize_t)
    cdef bint _emit1(self, object event, object argument) except -1
    cdef bint _emit(self, object event, tuple arguments) except -1
    cdef int _call(self, object listener, object event, tuple arguments) except -1
    cdef int _adopt(self, object result, object event, tuple arguments) except -1

    # Add.
    cdef int _add(self, object event, object listener, bint first) except -1
    cdef object _check_count(self, object event, Py_ssize_t count)

    # Remove.
    cdef object _remove_newest(self, object event, object listener)
    cdef int _remove(self, object event, tuple entries, Py_ssize_t index) except -1
    cdef object _remove_every(self, object event)

    # Ask.
    cdef tuple _entries(self, object event)
    cdef bint _has_listeners(self, object event) except -1

    # For subclasses to override.
    cdef object _listener_added(self, object event)
    cdef object _listener_removed(self, object event)


cpdef bint is_coroutine(object result) except -1
cdef int _raise_unhandled(tuple arguments) except -1

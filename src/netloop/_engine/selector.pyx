"""The selector that the standard asyncio loop runs on.

asyncio asks its selector for the descriptors that are ready, once for each of its iterations.  This one does the work
of netloop's own handles while it waits, and goes back to asyncio only when asyncio has something to do: a descriptor
of its own is ready, a callback was scheduled, a timer is due, or the loop is told to stop.
"""

from collections.abc import Mapping
from selectors import SelectorKey

from .poller cimport Poller
from .unix cimport monotonic_ns


cdef class Selector:
    """What `asyncio.SelectorEventLoop(selector)` needs of `selectors.BaseSelector`."""

    cdef readonly Poller poller
    cdef dict _keys                     # descriptor -> SelectorKey
    cdef object _loop, _ready

    def __init__(self, Poller poller not None):
        self.poller, self._keys = poller, {}

    def attach(self, loop):
        """Say whose selector this is: its queues tell when to go back to it."""
        self._loop, self._ready = loop, loop._ready

    def select(self, timeout=None):
        cdef double patience = -1.0 if timeout is None else max(0.0, <double>timeout)
        cdef long long deadline = 0 if timeout is None else monotonic_ns() + <long long>(patience * 1e9)
        cdef Poller poller = self.poller
        scheduled = self._loop._scheduled
        earliest = scheduled[0] if scheduled else None
        while True:
            poller.settle()
            if poller.idle():
                poller.on_idle()
            if self._asyncio_waits(scheduled, earliest):
                patience = 0.0
            poller.turn(patience)
            if self._asyncio_waits(scheduled, earliest):
                break
            if timeout is not None:
                patience = (deadline - monotonic_ns()) * 1e-9
                if patience <= 0.0:
                    break
        return [(key, mask) for key, mask in self._found() if mask]

    cdef bint _asyncio_waits(self, list scheduled, earliest) except -1:
        """Whether asyncio has something to do that it did not know of when it asked."""
        return (len(self._ready) != 0 or len(self.poller.foreign_ready) != 0 or self.poller.halted
                or len(scheduled) != 0 and scheduled[0] is not earliest or self._loop._stopping)

    def _found(self):
        for key, mask in self.poller.take_foreign():
            # FAILED means: readable and writable, let whoever is there find out.  The key may be outdated by now.
            yield self._keys.get(key.fd, key), (mask if mask < 4 else 3) & key.events

    def register(self, fileobj, events, data=None):
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        if fd in self._keys:
            raise KeyError(f"{fileobj!r} (descriptor {fd}) is registered already")
        return self._watch(SelectorKey(fileobj, fd, events, data))

    def modify(self, fileobj, events, data=None):
        return self._watch(SelectorKey(fileobj, self.get_key(fileobj).fd, events, data))

    def _watch(self, key):
        self.poller.watch_foreign(key.fd, key.events, key)
        self._keys[key.fd] = key
        return key

    def unregister(self, fileobj):
        key = self.get_key(fileobj)
        del self._keys[key.fd]
        self.poller.forget_foreign(key.fd)
        return key

    def get_key(self, fileobj):
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        if fd < 0:                      # closed by now: find it by identity, as the selectors module does
            for key in self._keys.values():
                if key.fileobj is fileobj:
                    return key
        try:
            return self._keys[fd]
        except KeyError:
            raise KeyError(f"{fileobj!r} is not registered") from None

    def get_map(self):
        return KeyMap(self, self._keys)

    def close(self):
        for key in list(self._keys.values()):
            self.unregister(key.fd)
        self.poller.close()
        self._loop = None


class KeyMap(Mapping):
    """What is registered: SelectorKeys by descriptor or by file object, as asyncio asks for them since Python 3.12."""

    def __init__(self, selector, keys):
        self._selector, self._keys = selector, keys

    def __getitem__(self, fileobj):
        return self._selector.get_key(fileobj)

    def __iter__(self):
        return iter(self._keys)

    def __len__(self):
        return len(self._keys)

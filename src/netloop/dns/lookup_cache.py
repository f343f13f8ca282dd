"""What `lookup` found, for a while: off, unless `set_lookup_cache` says for how long.

The system's resolver does not tell for how long a name's addresses may be used (their TTL in DNS; a hosts file
has none), and most systems keep them already.  So it is for the program to say.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ..errors import invalid_type, out_of_range
from ..timers import milliseconds

if TYPE_CHECKING:
    from datetime import timedelta

    from .system_lookup import LookupAddress

__all__ = ["LookupCache", "LookupCacheSettings", "get_lookup_cache", "lookup_cache", "set_lookup_cache"]

MAX_ENTRIES = 1000      # some 300 bytes each

Key = tuple[str, int, int]      # hostname, family, hints


class LookupCacheSettings(NamedTuple):
    """How long addresses are used again, and for how many names."""

    ttl: int                # milliseconds; 0: never
    max_entries: int


class LookupCache:
    """Addresses with the time until which they may be used.  Failures are not kept: they end sooner than one thinks."""

    def __init__(self) -> None:
        self.settings = LookupCacheSettings(0, MAX_ENTRIES)
        self._found: dict[Key, tuple[float, list[LookupAddress]]] = {}

    def configure(self, settings: LookupCacheSettings) -> None:
        """Change the settings, and forget everything."""
        self.settings = settings
        self._found = {}

    def find(self, key: Key) -> list[LookupAddress] | None:
        found = self._found.get(key)
        if found is None:
            return None
        if found[0] <= monotonic():
            self._found.pop(key, None)
            return None
        return found[1]

    def keep(self, key: Key, addresses: list[LookupAddress]) -> None:
        """Remember, and forget the oldest: names that a peer chooses must not fill the memory."""
        ttl, max_entries = self.settings
        if ttl == 0:
            return
        self._found.pop(key, None)
        while len(self._found) >= max_entries:
            self._found.pop(next(iter(self._found)), None)
        self._found[key] = monotonic() + ttl / 1000, addresses


lookup_cache = LookupCache()


def set_lookup_cache(ttl: float | timedelta, max_entries: int = MAX_ENTRIES) -> None:
    """Use the addresses that `lookup` and `net.connect` found again for `ttl` milliseconds; 0, the default, is never.

    `max_entries`: for how many names, the oldest leave first.  What was kept so far is forgotten.
    Raises ArgumentTypeError or ArgumentValueError (ERR_OUT_OF_RANGE).
    """
    if not isinstance(max_entries, int) or isinstance(max_entries, bool):
        raise invalid_type("max_entries", "an int", max_entries)
    if max_entries < 1:
        raise out_of_range("max_entries", ">= 1", max_entries)
    lookup_cache.configure(LookupCacheSettings(milliseconds("ttl", ttl), max_entries))


def get_lookup_cache() -> LookupCacheSettings:
    """The settings of the cache: ``(ttl=0, max_entries=1000)`` at the start."""
    return lookup_cache.settings

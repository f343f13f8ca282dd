"""Named channels that say what the network does, to whoever wants to know.

    from netloop import diagnostics

    diagnostics.subscribe("net.*", lambda message, name: print(name, message))

A module publishes on its channels, and knows nobody who listens; the debug log (``NETLOOP_DEBUG=net``), the inspector, and
whatever a user plugs in subscribe.  While nobody does, a channel costs one pointer test:

    if _READ.subscribers is not None:
        _READ.publish({"socket": self, "size": len(data)})

A message is a dict.  What a subscriber raises is reported to the loop as an unhandled error and does not disturb the
publisher.  The channels of each module are listed on its page of the reference.

Source: https://nodejs.org/api/diagnostics_channel.html
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from .errors import invalid_type

__all__ = ["Channel", "channel", "channels", "has_subscribers", "subscribe", "unsubscribe"]

Subscriber: TypeAlias = Callable[[dict[str, Any], str], object]

_channels: dict[str, Channel] = {}
_subscriptions: list[tuple[str, Subscriber]] = []


class Channel:
    """A named channel.  `subscribers` is None, or a tuple of those who get each message."""

    name: str
    subscribers: tuple[Subscriber, ...] | None

    def __init__(self, name: str) -> None:
        self.name = name
        self.subscribers = None

    def publish(self, message: dict[str, Any]) -> None:
        """Give a message to each subscriber, at once and in the order in which they subscribed."""
        if self.subscribers is None:
            return
        for subscriber in self.subscribers:
            try:
                subscriber(message, self.name)
            except Exception as error:
                _report(error)

    def update(self) -> None:
        """Look anew who subscribes to this channel."""
        self.subscribers = tuple(
            [subscriber for pattern, subscriber in _subscriptions if fnmatchcase(self.name, pattern)]) or None

    def __repr__(self) -> str:
        return f"<Channel {self.name}, {len(self.subscribers or ())} subscribers>"


def channel(name: str) -> Channel:
    """The channel of this name, made when it is first asked for."""
    found = _channels.get(name)
    if found is None:
        found = _channels[name] = Channel(name)
        found.update()
    return found


def channels() -> list[str]:
    """The names of the channels that exist, that is, of the modules loaded so far."""
    return sorted(_channels)


def has_subscribers(name: str) -> bool:
    """Whether a message published on this channel would be heard."""
    return channel(name).subscribers is not None


def subscribe(pattern: str, subscriber: Subscriber) -> None:
    """Call ``subscriber(message, name)`` for each message of the channels that match, also of later ones.

    `pattern` is a name, or one with wildcards: ``"net.*"``, ``"*.error"``.
    """
    if not isinstance(pattern, str):
        raise invalid_type("pattern", "a str such as 'net.connect.start' or 'net.*'", pattern)
    if not callable(subscriber):
        raise invalid_type("subscriber", "a function", subscriber)
    _subscriptions.append((pattern, subscriber))
    _update_all()


def unsubscribe(pattern: str, subscriber: Subscriber) -> bool:
    """Take back a subscription made with the same arguments; returns whether there was one."""
    try:
        _subscriptions.remove((pattern, subscriber))
    except ValueError:
        return False
    _update_all()
    return True


def _update_all() -> None:
    for each in _channels.values():
        each.update()


def _report(error: Exception) -> None:
    from .loop import current
    current().report(error)


if os.environ.get("NETLOOP_DEBUG"):
    from .debug_log import start
    start(os.environ["NETLOOP_DEBUG"])

"""TLSSession: what a client keeps of a connection, to make the next handshake a short one."""

from __future__ import annotations

import ssl
from typing import Any

from ..errors import invalid_type

__all__ = ["TLSSession", "checked_session"]


class TLSSession:
    """A session.  It can be resumed in this process, by connections with equal options.

    Attributes:
        id: bytes; no two sessions have the same.
        lifetime_hint: seconds for which the server means to accept the ticket.
    """

    def __init__(self, session: ssl.SSLSession, context: ssl.SSLContext) -> None:
        self._session = session
        self._context = context

    @property
    def id(self) -> bytes:
        return self._session.id

    @property
    def lifetime_hint(self) -> int:
        return self._session.ticket_lifetime_hint

    def for_context(self, context: ssl.SSLContext) -> ssl.SSLSession | None:
        """The session of `ssl`, if it was begun with this context."""
        return self._session if context is self._context else None

    def __repr__(self) -> str:
        return f"<TLSSession {self.id.hex()[:16]}>"


def checked_session(session: Any) -> TLSSession | None:
    if session is not None and not isinstance(session, TLSSession):
        raise invalid_type("session", "a TLSSession, as get_session() or the event `session` give it", session)
    return session

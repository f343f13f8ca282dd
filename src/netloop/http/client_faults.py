"""The errors of a client that are neither the operating system's nor the parser's."""

from __future__ import annotations

import errno

from ..errors import StateError

__all__ = ["hang_up", "aborted", "too_many_redirects"]


def hang_up() -> ConnectionResetError:
    """The connection was closed, here or there, before a response came: ECONNRESET, as in Node."""
    return _reset("socket hang up")


def aborted() -> ConnectionResetError:
    """The connection was closed in the middle of a response: ECONNRESET, as in Node."""
    return _reset("aborted")


def _reset(message: str) -> ConnectionResetError:
    error = ConnectionResetError(errno.ECONNRESET, message)
    error.code = "ECONNRESET"  # type: ignore[attr-defined]  # as system_error() has it
    return error


def too_many_redirects(most: int, url: str) -> StateError:
    return StateError(f"more than {most} redirects; the last one leads to {url}", "ERR_HTTP_TOO_MANY_REDIRECTS")

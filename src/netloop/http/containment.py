"""Where the failure of a request goes: to `on_unhandled`, or to the log, but never out of `run()`.

A service must not die of one request, so this is the one place where an exception of a listener does not end the
program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..loop import Loop

__all__ = ["contain"]


def contain(loop: Loop, error: Exception, what: object) -> None:
    """Tell of an error in the handling of `what`, and go on."""
    if loop.survives_failures:
        loop.report(error)
        return
    import logging
    logging.getLogger("netloop").error("Unhandled error in the handling of %r", what, exc_info=error)

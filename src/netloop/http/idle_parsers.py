"""`set_max_idle_http_parsers`: how many parsers wait for connections that need one."""

from __future__ import annotations

from ..errors import invalid_type, out_of_range
from .client_exchange import keep_spare_parsers

__all__ = ["set_max_idle_http_parsers"]


def set_max_idle_http_parsers(max: int) -> None:
    """Keep at most so many parsers for the next responses (default 1000).

    Connections of clients have one while a response is due.  Those of servers have one each, which is freed with them.

    Source: https://nodejs.org/api/http.html#httpsetmaxidlehttpparsersmax
    """
    if not isinstance(max, int) or isinstance(max, bool):
        raise invalid_type("max", "an int", max)
    if max < 1:
        raise out_of_range("max", ">= 1", max)
    keep_spare_parsers(max)

"""`set_max_idle_http_parsers`, which Node has for a pool of parsers that netloop does not have."""

from __future__ import annotations

from typing import NoReturn

from ..errors import unavailable

__all__ = ["set_max_idle_http_parsers"]


def set_max_idle_http_parsers(max: int) -> NoReturn:
    """Raises ERR_FEATURE_UNAVAILABLE_ON_PLATFORM: there is no pool of parsers to be limited.

    A parser is made with its connection and freed with it, so none is ever idle.

    Source: https://nodejs.org/api/http.html#httpsetmaxidlehttpparsersmax
    """
    raise unavailable("http.set_max_idle_http_parsers()", "each connection has a parser of its own, freed with it")

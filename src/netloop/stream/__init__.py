"""Streams: data in order, piece by piece, at the pace of the slower side.

    source.pipe(transform).pipe(destination)

Source: https://nodejs.org/api/stream.html
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .abort import add_abort_signal
from .base import Stream
from .compose import compose
from .duplex import AnyWritable, Duplex
from .finished import finished
from .pair import duplex_pair
from .pipeline import pipeline
from .readable import Readable
from .state import get_default_high_water_mark, set_default_high_water_mark
from .status import is_destroyed, is_disturbed, is_errored, is_readable, is_writable
from .transform import PassThrough, Transform
from .writable import Writable

if TYPE_CHECKING:
    from . import consumers

__all__ = [
    "Stream", "Readable", "Writable", "Duplex", "Transform", "PassThrough", "AnyWritable",
    "pipeline", "finished", "compose", "duplex_pair", "consumers",
    "add_abort_signal", "is_destroyed", "is_disturbed", "is_errored", "is_readable", "is_writable",
    "get_default_high_water_mark", "set_default_high_water_mark",
]


if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    def __getattr__(name: str) -> Any:
        if name == "consumers":
            return import_module(".consumers", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

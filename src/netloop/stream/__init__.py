"""Streams: data in order, piece by piece, at the pace of the slower side.

    source.pipe(transform).pipe(destination)

Source: https://nodejs.org/api/stream.html
"""

from __future__ import annotations

from .base import Stream
from .duplex import AnyWritable, Duplex
from .pair import duplex_pair
from .readable import Readable
from .state import get_default_high_water_mark, set_default_high_water_mark
from .transform import PassThrough, Transform
from .writable import Writable

__all__ = [
    "Stream", "Readable", "Writable", "Duplex", "Transform", "PassThrough", "AnyWritable", "duplex_pair",
    "get_default_high_water_mark", "set_default_high_water_mark",
]

"""Names to addresses."""

from __future__ import annotations

from .lookup import LookupAddress, lookup

__all__ = ["LookupAddress", "lookup"]

"""Names of a package that are loaded when they are first used: importing a package costs only what is needed of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["names_on_demand"]


def names_on_demand(package: str, homes: dict[str, str]) -> Callable[[str], Any]:
    """A module's ``__getattr__`` (PEP 562): finds each name in the submodule that `homes` says.

    A name that is its own home is the submodule itself.
    """
    def find(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(f".{home}", package)
        value = module if home == name else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return find

"""Which modules are compiled, and what happens when a compiled module and its source disagree.

A compiled module lies beside the ``.py`` file it was made from.  Python would always load the compiled one, also
when the source was edited since, and whoever debugs would look at lines that do not run.  So the build records a
checksum of each module's sources, and a finder compares it before the module is loaded: a stale module is an
`ImportError` that says what to do.  With ``NETLOOP_PLAIN=1`` in the environment the finder loads the sources: the mode
for debuggers and coverage.  The engine is always compiled.

This is the first module that an import runs, so it imports nothing that Python has not loaded already.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from zlib import crc32

RECORD = "_compiled.txt"        # a line for each module: its name and the checksum of its sources
PLAIN_MODE = bool(os.environ.get("NETLOOP_PLAIN"))
_ROOT = os.path.dirname(__file__)


def fingerprint(source: str | os.PathLike[str]) -> str:
    """The checksum of a module's ``.py`` or ``.pyx`` file and of the ``.pxd`` file beside it."""
    path = os.fspath(source)
    declarations = os.path.splitext(path)[0] + ".pxd"
    checksum = crc32(_content(path))
    if os.path.exists(declarations):
        checksum = crc32(_content(declarations), checksum)
    return f"{checksum:08x}"


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


class SourceGuard:
    """A meta path finder for the modules of this package that were compiled."""

    def __init__(self, record: dict[str, str]) -> None:
        self._record = record

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        recorded = self._record.get(name)
        if recorded is None:
            return None
        base = os.path.join(_ROOT, *name.split(".")[1:])
        engine = name.startswith("netloop._engine.")
        source = base + (".pyx" if engine else ".py")
        if PLAIN_MODE and not engine:
            return _plain_spec(name, source)
        if os.path.exists(source) and fingerprint(source) != recorded:
            raise ImportError(f"{name} was compiled from another version of {source}: build it again "
                              "(make build), or set NETLOOP_PLAIN=1 to run the sources", name=name, path=source)
        return None


def _plain_spec(name: str, source: str) -> ModuleSpec | None:
    from importlib.util import spec_from_file_location
    return spec_from_file_location(name, source, loader=SourceFileLoader(name, source))


def install() -> None:
    """Put the finder in front, unless nothing was compiled (then the import of the engine will say so)."""
    try:
        with open(os.path.join(_ROOT, RECORD), encoding="ascii") as file:
            record = dict(line.split() for line in file)
    except FileNotFoundError:
        return
    sys.meta_path.insert(0, SourceGuard(record))

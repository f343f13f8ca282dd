"""A program that runs as ``__main__``: what Python does before the first line of a script or ``-m`` module.

The module stays in ``sys.modules`` for good, because the loop calls its functions long after the last line
was executed.  (`runpy` takes it away when the code has run.)
"""

from __future__ import annotations

import builtins
import io
import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from types import CodeType, ModuleType
from typing import Any, NamedTuple

__all__ = ["Program", "module_program", "script_program"]


class Program(NamedTuple):
    """Code, and the names that its module ``__main__`` has from the start."""

    code: CodeType
    name: str                       # sys.argv[0]
    attributes: dict[str, Any]

    def execute(self, arguments: list[str]) -> None:
        module = ModuleType("__main__")
        vars(module).update(self.attributes, __builtins__=builtins)
        sys.modules["__main__"] = module
        sys.argv = [self.name, *arguments]
        exec(self.code, vars(module))


def script_program(script: str) -> Program:
    """The program in a file.

    Raises OSError when the file cannot be read, SyntaxError or ValueError when it is no Python.
    """
    path = os.path.abspath(script)
    with io.open_code(path) as file:
        source = file.read()
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    attributes = {"__file__": path, "__cached__": None, "__package__": None, "__spec__": None,
                  "__loader__": SourceFileLoader("__main__", path)}
    return Program(compile(source, path, "exec", dont_inherit=True), script, attributes)


def module_program(name: str) -> Program:
    """The program in a module, or in the module ``__main__`` of a package.

    Raises ImportError when there is none, and whatever its parent packages raise.
    """
    _set_first_path(os.getcwd())
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = find_spec(f"{name}.__main__")
    get_code = getattr(spec and spec.loader, "get_code", None)
    code = get_code(spec.name) if spec is not None and get_code is not None else None
    if spec is None or code is None:
        raise ImportError(f"there is no module {name} to run", name=name)
    attributes = {"__file__": spec.origin, "__cached__": spec.cached, "__package__": spec.parent,
                  "__spec__": spec, "__loader__": spec.loader}
    return Program(code, spec.origin or name, attributes)


def _set_first_path(folder: str) -> None:
    """Where imports look first: so far in the command's own folder, unless Python was told to be safe."""
    if not sys.flags.safe_path:
        sys.path[0] = folder

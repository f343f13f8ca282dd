"""Each ``.pxd`` declares what the ``.py`` beside it defines: the same classes, methods and parameter names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import netloop

ROOT = Path(netloop.__file__).parent
PAIRS = sorted(path for path in ROOT.rglob("*.pxd") if path.with_suffix(".py").exists())
CLASS = re.compile(r"cdef class (\w+)")
FUNCTION = re.compile(r"(?:cdef|cpdef) [^=(]*?(\w+)\((.*)\)")


def declared(path: Path) -> dict[str, list[str]]:
    """The functions of a ``.pxd``: ``"Class.method"`` -> its parameters, ``name=`` for those with a default."""
    found: dict[str, list[str]] = {}
    owner = ""
    for line in _logical_lines(path.read_text(encoding="utf-8")):
        if match := CLASS.match(line):
            owner = match[1] + "."
            found[match[1]] = []
            continue
        if not line.startswith(" "):
            owner = ""
        if match := FUNCTION.match(line.strip()):
            found[owner + match[1]] = [_parameter(part) for part in match[2].split(",") if part.strip()]
    return found


def _logical_lines(text: str) -> list[str]:
    """The lines without comments, those within parentheses joined, and empty ones left out."""
    text = re.sub(r"#.*", "", text)
    joined = re.sub(r"\([^)]*\)", lambda match: match[0].replace("\n", " "), text)
    return [line for line in joined.splitlines() if line.strip()]


def _parameter(declaration: str) -> str:
    name, default, _ = declaration.strip().partition("=")
    return name.split()[-1] + default


def defined(path: Path) -> dict[str, list[str]]:
    """The same of a ``.py``."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    found = dict(_functions(body))
    for node in body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = []
            found |= {f"{node.name}.{name}": parameters for name, parameters in _functions(node.body)}
    return found


def _functions(body: list[ast.stmt]) -> list[tuple[str, list[str]]]:
    """Those of a module or class, also under `if not TYPE_CHECKING`, where overloads take the checker's place."""
    found = []
    for node in body:
        if isinstance(node, ast.FunctionDef):
            names = [each.arg for each in node.args.posonlyargs + node.args.args]
            first_default = len(names) - len(node.args.defaults)
            found.append((node.name, [name + "=" * (at >= first_default) for at, name in enumerate(names)]))
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "not TYPE_CHECKING":
            found += _functions(node.body)
    return found


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_declared_is_defined_with_the_same_parameters(path):
    definitions = defined(path.with_suffix(".py"))
    assert {name: definitions.get(name) for name in declared(path)} == declared(path)


def test_declarations_are_read():
    """The test above would pass if nothing were found."""
    names = declared(ROOT / "net" / "handle_stream.pxd")
    assert names["HandleStream.write"] == ["self", "chunk", "encoding=", "callback="]
    assert names["SocketHandle"] == []

"""The direction of imports that ARCHITECTURE.md draws, and that each module can be imported alone.

A module imports, or cimports, from its own layer and from those before it.  What is imported in a function
counts too; what is imported for type checkers only does not.
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import netloop

ROOT = Path(netloop.__file__).parent
LAYERS = [
    {"errors", "encoding", "ip", "_on_demand", "_modules", "_tracebacks"},
    {"_engine"},
    {"loop", "timers", "events", "diagnostics", "debug_log"},
    {"stream"},
    {"dns"},
    {"addresses"},
    {"net", "dgram"},
    {"tls"},
    {"http"},
    {"https"},
    {"websocket"},
    {"testing"},
    {"cli", "__main__"},
]
RANKS = {area: rank for rank, areas in enumerate(LAYERS) for area in areas}
ELSEWHERE = {"__main__.py", "kqueue.py" if sys.platform == "linux" else "epoll.pyx"}     # not imported here
CIMPORT = re.compile(r"^\s*(?:from\s+(\S+)\s+c?import\s+\(?|c?import\s+)(\w[\w.]*)?", re.MULTILINE)
SOURCES = sorted(path for pattern in ("*.py", "*.pyx", "*.pxd") for path in ROOT.rglob(pattern))
MODULES = [".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
           for path in SOURCES if path.suffix != ".pxd" and path.name not in ELSEWHERE]

# Imports each module in a process of its own: a child of one that imported its package, as any import does.
IMPORT_ALONE = """
import importlib, os, sys, traceback
import asyncio, typer, rich.console      # not ours, and slow to import again in each child

def alone(name):
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
            print(name, flush=True)
        except BaseException:
            traceback.print_exc()
        for module in modules:
            if module.rpartition(".")[0] == name:
                alone(module)
        os._exit(0)
    os.waitpid(child, 0)

modules = sys.stdin.read().split()
alone("netloop")
"""


def imports(path: Path) -> Iterator[str]:
    """The full names of what a file imports."""
    package = ("netloop", *path.relative_to(ROOT).parent.parts)
    if path.suffix == ".py":
        found = _python_imports(ast.parse(path.read_text(encoding="utf-8")))
    else:
        found = CIMPORT.findall(path.read_text(encoding="utf-8"))
    for origin, name in found:
        module = origin.lstrip(".")
        level = len(origin) - len(module)
        base = package[:len(package) - level + 1] if level else ()
        yield ".".join([*base, *filter(None, [module, name])])


def _python_imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        yield from (("", alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)
    for_checkers = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    for child in node.orelse if for_checkers else ast.iter_child_nodes(node):
        yield from _python_imports(child)


def area(module: str) -> str | None:
    """``stream`` of ``netloop.stream.base``; None of what is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == "netloop" and len(parts) > 1 and parts[1] in RANKS else None


@pytest.fixture(scope="module")
def edges() -> set[tuple[str, str, str]]:
    """(file, its area, an area that it imports)"""
    return {(str(path.relative_to(ROOT)), path.relative_to(ROOT).with_suffix("").parts[0], imported)
            for path in SOURCES for imported in map(area, imports(path)) if imported is not None}


def test_every_module_has_its_layer():
    areas = {path.relative_to(ROOT).with_suffix("").parts[0] for path in SOURCES}
    assert areas - {"__init__"} == set(RANKS)


def test_imports_go_one_way(edges):
    assert {edge for edge in edges if RANKS[edge[2]] > RANKS.get(edge[1], 0)} == set()


def test_net_and_dgram_do_not_meet(edges):
    assert {edge for edge in edges if {edge[1], edge[2]} == {"net", "dgram"}} == set()


def test_nothing_of_the_package_imports_the_tools_for_tests(edges):
    assert {edge for edge in edges if edge[2] == "testing" != edge[1]} == set()


def test_the_package_itself_imports_only_what_finds_the_rest(edges):
    assert {imported for _, own, imported in edges if own == "__init__"} == {"_modules", "_on_demand"}


def test_the_layers_are_read_from_real_imports(edges):
    """The checks above would pass if nothing were found."""
    for edge in (("net/handle_server.pxd", "net", "_engine"), ("stream/base.py", "stream", "loop"),
                 ("diagnostics.py", "diagnostics", "loop")):     # cimported; imported; imported in a function
        assert edge in edges


def test_each_module_can_be_imported_alone():
    done = subprocess.run([sys.executable, "-W", "error", "-c", IMPORT_ALONE], input=" ".join(MODULES),
                          capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    assert sorted(done.stdout.split()) == sorted(MODULES)


def test_importing_net_does_not_import_asyncio():
    check = "import sys, netloop.net; print(*{'asyncio', 'inspect', 'typing_extensions'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", check], text=True).strip() == ""


def test_no_submodule_hides_a_public_name_once_it_is_imported():
    """`import netloop.stream.pipeline` must not turn `netloop.stream.pipeline`, the function, into the module."""
    hidden = []
    for name in MODULES:
        importlib.import_module(name)
    for name in MODULES:
        package = sys.modules[name]
        if hasattr(package, "__path__") and name != "netloop":
            values = {public: getattr(package, public) for public in getattr(package, "__all__", ())}
            hidden += [f"{name}.{public}" for public, value in values.items()
                       if isinstance(value, ModuleType) and hasattr(value, public)]
    assert hidden == []

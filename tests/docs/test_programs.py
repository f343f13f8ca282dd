"""The programs of README and of the reference are Python, and the names of netloop in them are there."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
PROGRAMS = [pytest.param(code, id=f"{page.name}-{number}") for page in PAGES
            for number, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))]


@pytest.mark.parametrize("code", PROGRAMS)
def test_the_names_of_a_program_are_there(code: str) -> None:
    tree = ast.parse(code)
    compile(tree, "page", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    known = imported(tree)
    missing = [f"{node.value.id}.{node.attr}" for node in ast.walk(tree)
               if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
               and isinstance(known.get(node.value.id), ModuleType) and not hasattr(known[node.value.id], node.attr)]
    assert missing == []


def imported(tree: ast.Module) -> dict[str, object]:
    """What a program imports from netloop, by name."""
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "netloop":
            module = importlib.import_module(node.module)
            found |= {alias.asname or alias.name: getattr(module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name: importlib.import_module(alias.name) for alias in node.names if alias.name == "netloop"}
    return found


def test_the_readme_has_a_program_for_each_protocol() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("net", "tls", "dgram", "dns", "http", "https"):
        assert re.search(rf"^from netloop import .*\b{name}\b", readme, re.MULTILINE), name
    assert "from netloop.websocket import" in readme

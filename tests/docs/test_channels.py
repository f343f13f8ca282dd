"""The page of diagnostics lists every channel that there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import netloop

ROOT = Path(netloop.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "diagnostics.md").read_text()


def test_page_lists_every_channel() -> None:
    there = {name for source in ROOT.rglob("*.py") for name in re.findall(r'\bchannel\("([a-z_.]+)"\)', source.read_text())}
    rows = re.findall(r"^\| (`\w+\.[^|]*) \|", PAGE[PAGE.index("## Channels"):], re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([a-z_.]+)`", row)}
    assert listed == there

"""``python -m netloop``: the `netloop` command, where its script is not on the path."""

from __future__ import annotations

from .cli import app

app(prog_name="netloop")

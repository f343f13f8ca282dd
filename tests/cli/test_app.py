"""The command as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typer.testing import CliRunner

import netloop
from netloop.cli import app


def test_version_is_the_packages() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"netloop {netloop.__version__}\n")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for name in ("run", "demo", "tcp", "udp", "dns", "http"):
        assert f" {name} " in result.output


def test_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["fly"]).exit_code == 2


def test_start_loads_neither_the_network_nor_what_only_some_commands_need(start: Callable[..., Any],
                                                                         tmp_path: Any) -> None:
    path = tmp_path / "app.py"
    path.write_text("import sys; print({'netloop.net', 'netloop.loop', 'asyncio', 'rich'} & {*sys.modules})")
    assert start("run", path).finish() == (0, b"set()\n", "")

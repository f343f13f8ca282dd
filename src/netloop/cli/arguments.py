"""Arguments that several commands take."""

from __future__ import annotations

import typer

__all__ = ["header_field", "port_number"]


def header_field(text: str) -> tuple[str, str]:
    """The name and the value in ``Name: value``.  Raises typer.BadParameter."""
    name, colon, value = text.partition(":")
    if not colon:
        raise typer.BadParameter(f"{text!r} is no header field: they are \"Name: value\"", param_hint="--header")
    return name, value.strip()


def port_number(text: str, least: int = 0) -> int:
    """The number of a port; 0, where it is allowed, lets the system choose.  Raises typer.BadParameter."""
    if not (text.isascii() and text.isdigit() and least <= int(text) < 65536):
        raise typer.BadParameter(f"{text!r} is no port: they are numbers up to 65535", param_hint="PORT")
    return int(text)

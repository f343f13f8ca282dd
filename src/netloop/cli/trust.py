"""Whose certificates the commands accept, and the warning when it is anybody's."""

from __future__ import annotations

from typing import Any

import typer

__all__ = ["unverified"]


def unverified() -> dict[str, Any]:
    """The option of tls that accepts any certificate, after a warning that cannot be missed."""
    import warnings

    from ..tls.options import UnverifiedTLSWarning

    warnings.simplefilter("ignore", UnverifiedTLSWarning)       # it is said here, where it is read
    typer.secho("WARNING: the server's certificate is not verified.  "
                "Whoever is in between can read and change everything.", fg="red", bold=True, err=True)
    return {"reject_unauthorized": False}

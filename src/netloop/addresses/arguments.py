"""Arguments that say where to bind or connect to, and to whom not."""

from __future__ import annotations

import re
import socket

from ..errors import bad_port, invalid_type, unavailable

__all__ = ["check_block_list", "check_port", "check_reuse_port"]

MAX_PORT = 0xFFFF

# Compiled when they are first used: most programs never match them.
_PORT = r"\+?[0-9]+"
_HEXADECIMAL_PORT = r"0[xX][0-9a-fA-F]+"


def check_port(name: str, port: object) -> int:
    """A port as an int: an int from 0 to 65535 or a string with one ("8124", " 8124 ", "0x1fbc").

    `name` is the argument's, for the message.  Raises ArgumentValueError (ERR_SOCKET_BAD_PORT) for a number
    that is no port, ArgumentTypeError (ERR_INVALID_ARG_TYPE) for what is no number at all.
    """
    number = _port_number(port)
    if number is None or not 0 <= number <= MAX_PORT:
        if isinstance(port, bool) or not isinstance(port, int | float | str):
            raise invalid_type(name, "an int or a string with one", port)
        raise bad_port(name, port)
    return number


def _port_number(port: object) -> int | None:
    if isinstance(port, int) and not isinstance(port, bool):
        return int(port)                    # an IntEnum member becomes what it stands for
    if isinstance(port, str):
        digits = port.strip()
        if len(digits) > 64:                # also keeps away from Python's own limit on long numbers
            return None
        if re.fullmatch(_PORT, digits):
            return int(digits)
        if re.fullmatch(_HEXADECIMAL_PORT, digits):
            return int(digits, 16)
    return None


def check_reuse_port(reuse_port: bool) -> None:
    """Whether it is a bool, and the system has SO_REUSEPORT: ArgumentTypeError, FeatureUnavailableError."""
    if not isinstance(reuse_port, bool):
        raise invalid_type("reuse_port", "a bool", reuse_port)
    if reuse_port and not hasattr(socket, "SO_REUSEPORT"):
        raise unavailable("reuse_port", "this system has no SO_REUSEPORT")


def check_block_list(block_list: object) -> None:
    """Whether it is a BlockList or None; ArgumentTypeError (ERR_INVALID_ARG_TYPE) otherwise."""
    if block_list is None:
        return
    from .block_list import BlockList  # only now: few programs have one
    if not isinstance(block_list, BlockList):
        raise invalid_type("block_list", "a net.BlockList", block_list)

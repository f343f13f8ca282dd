"""Name servers: an IP address, with a port or without."""

from __future__ import annotations

import re

from ..errors import ArgumentValueError, invalid_type
from ..ip import is_ip

__all__ = ["format_server", "parse_server"]

PORT = 53               # RFC 1035 section 4.2
_SERVER = r"\[(?P<bracketed>[^\[\]]+)\](?::(?P<port6>\d{1,5}))?|(?P<ipv4>[^:]+):(?P<port4>\d{1,5})"


def parse_server(server: object) -> str:
    """A server as c-ares wants it: ``"192.0.2.1"``, ``"[2001:db8::1]:5353"``, ``"[fe80::1]:53%eth0"``.

    Raises ArgumentTypeError, or ArgumentValueError with the code ERR_INVALID_IP_ADDRESS.
    """
    if not isinstance(server, str):
        raise invalid_type("server", "a str", server)
    address, port = server, str(PORT)
    if not is_ip(server):
        match = re.fullmatch(_SERVER, server, re.ASCII)
        if match is None:
            raise _bad_server(server)
        address = match["bracketed"] or match["ipv4"]
        port = match["port6"] or match["port4"] or port
    family = is_ip(address)
    if not family or not 0 < int(port) <= 0xFFFF:
        raise _bad_server(server)
    address, percent, zone = address.partition("%")
    return f"{address}:{port}" if family == 4 else f"[{address}]:{port}{percent}{zone}"


def format_server(server: str) -> str:
    """A server as Node shows it, without the port when that is 53: the reverse of `parse_server`."""
    server, percent, zone = server.partition("%")
    address, _, port = server.rpartition(":")
    address = address.strip("[]") + percent + zone
    if port == str(PORT):
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _bad_server(server: str) -> ArgumentValueError:
    return ArgumentValueError(f"a server must be an IP address, with a port or without; got {server!r}",
                              "ERR_INVALID_IP_ADDRESS")

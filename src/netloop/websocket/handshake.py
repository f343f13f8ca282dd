"""What both sides of the opening handshake share (RFC 6455 sections 1.3 and 4).

    GET /chat HTTP/1.1                                  HTTP/1.1 101 Switching Protocols
    Upgrade: websocket                                  Upgrade: websocket
    Connection: Upgrade                                 Connection: Upgrade
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
    Sec-WebSocket-Version: 13

Headers are dicts as `http` has them: names in lower case, a field that came twice joined with ", ".  The functions work on
these and on text, and know no connection.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..errors import invalid_value
from .deflate_options import DeflateParameters
from .extensions import is_token

__all__ = ["Agreement", "accept_for", "check_protocols", "list_of", "text_of", "VERSION"]

VERSION = "13"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Headers = Mapping[str, str | list[str]]


class Agreement(NamedTuple):
    """What an opening handshake arrived at.

    `protocol` is the subprotocol, "" for none; `extensions` is the field as it was answered, "" for none; `deflate` are
    the parameters of permessage-deflate, None without it.
    """

    protocol: str = ""
    extensions: str = ""
    deflate: DeflateParameters | None = None


def accept_for(key: str) -> str:
    """The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode("latin-1") + _GUID, usedforsecurity=False).digest()).decode()


def text_of(headers: Headers, name: str) -> str | None:
    """The value of a field; None if it is missing."""
    value = headers.get(name)
    if isinstance(value, list):
        value = ", ".join(value)
    return None if value is None else value.strip(" \t")


def list_of(value: str | None) -> list[str]:
    """The elements of a field that is a list, without the empty ones."""
    return [element for element in (part.strip(" \t") for part in (value or "").split(",")) if element]


def check_protocols(protocols: Iterable[str]) -> tuple[str, ...]:
    """The subprotocols that a program names.

    Raises:
        ArgumentValueError: one is no token, or comes twice.
    """
    names = tuple(protocols)
    for at, name in enumerate(names):
        if not isinstance(name, str) or not is_token(name) or name in names[:at]:
            raise invalid_value("protocols", "tokens, each of them once", protocols)
    return names

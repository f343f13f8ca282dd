"""The client's side of the opening handshake (RFC 6455 section 4.1): ask, then check every part of the answer.

    key = make_key(os.urandom(16))
    headers = request_headers(key, protocols=["chat"], deflate=DeflateOptions())
    agreement = check_response(101, response_headers, key, ["chat"], DeflateOptions())      HandshakeError: end the connection

A server that does not know WebSocket, or a cache between, cannot pass: it would have to know the answer to this key.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from ..errors import out_of_range
from .deflate_options import NAME, DeflateOptions, check_answer, offer
from .errors import HandshakeError
from .extensions import format_extensions, parse_extensions
from .handshake import VERSION, Agreement, Headers, accept_for, check_protocols, list_of, text_of

__all__ = ["make_key", "request_headers", "check_response"]

_KEY_BYTES = 16


def make_key(random: bytes) -> str:
    """The Sec-WebSocket-Key for 16 random bytes, new ones for each connection."""
    if len(random) != _KEY_BYTES:
        raise out_of_range("random", f"{_KEY_BYTES} bytes", random)
    return base64.b64encode(random).decode()


def request_headers(key: str, protocols: Sequence[str] = (), deflate: DeflateOptions | None = None,
                    origin: str | None = None, version: int | str = VERSION) -> dict[str, str]:
    """The headers that ask for the upgrade, to be sent with GET and HTTP/1.1.

    Raises:
        ArgumentValueError: a subprotocol is no token, or comes twice.
    """
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": str(version),
               "Sec-WebSocket-Key": key}
    if protocols:
        headers["Sec-WebSocket-Protocol"] = ", ".join(check_protocols(protocols))
    if deflate is not None:
        headers["Sec-WebSocket-Extensions"] = format_extensions([offer(deflate)])
    if origin is not None:
        headers["Origin"] = origin
    return headers


def check_response(status: int, headers: Headers, key: str, protocols: Sequence[str] = (),
                   deflate: DeflateOptions | None = None) -> Agreement:
    """What the server agreed to; the other arguments are those of the request.

    Raises:
        HandshakeError: the server did not upgrade, or its answer does not fit the request.
    """
    if status != 101:
        raise HandshakeError(f"Unexpected server response: {status}", status)
    if (text_of(headers, "upgrade") or "").lower() != "websocket":
        raise HandshakeError("the server's Upgrade must be websocket", status)
    if "upgrade" not in list_of((text_of(headers, "connection") or "").lower()):
        raise HandshakeError("the server's Connection must have the option Upgrade", status)
    if text_of(headers, "sec-websocket-accept") != accept_for(key):
        raise HandshakeError("Sec-WebSocket-Accept does not answer the key", status)
    return _agreement(headers, _protocol(headers, protocols), deflate)


def _protocol(headers: Headers, protocols: Sequence[str]) -> str:
    protocol = text_of(headers, "sec-websocket-protocol")
    if protocol is None:
        if protocols:
            raise HandshakeError("the server chose none of the subprotocols", 101)
        return ""
    if protocol not in protocols:
        raise HandshakeError(f"the server chose a subprotocol that was not asked for: {protocol!r}", 101)
    return protocol


def _agreement(headers: Headers, protocol: str, deflate: DeflateOptions | None) -> Agreement:
    field = text_of(headers, "sec-websocket-extensions")
    extensions = parse_extensions(field or "")
    if field is None or not extensions:
        return Agreement(protocol)
    if deflate is None or len(extensions) != 1 or extensions[0].name != NAME:
        raise HandshakeError(f"the server chose extensions that were not offered: {field}", 101)
    return Agreement(protocol, format_extensions(extensions), check_answer(deflate, extensions[0]))

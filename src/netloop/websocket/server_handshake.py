"""The server's side of the opening handshake (RFC 6455 section 4.2): check the request, choose, answer.

    request = check_request("GET", "1.1", headers)              HandshakeError: the answer is refusal(error)
    agreement = choose(request, protocol, DeflateOptions())
    socket.write(serialise_head(answer_head(request, agreement)))

Whether the origin and the path are welcome, and which subprotocol to speak, is the program's decision.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

from ..errors import invalid_value
from .deflate_options import DeflateOptions, choose_offer
from .errors import HandshakeError
from .extensions import Extension, format_extensions, is_token, parse_extensions
from .handshake import VERSION, Agreement, Headers, accept_for, list_of, text_of

__all__ = ["UpgradeRequest", "check_request", "choose", "answer_head", "refusal", "serialise_head"]

_LINE_END = re.compile(r"[\r\n\0]")


class UpgradeRequest(NamedTuple):
    """What a request for an upgrade to WebSocket asks for."""

    key: str
    protocols: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()
    origin: str | None = None


def check_request(method: str, http_version: str, headers: Headers) -> UpgradeRequest:
    """What the request asks for.

    Raises:
        HandshakeError: it is no request for WebSocket as it must be.  Its `status` is 405 for another method, 426 for
            another version of WebSocket or for no upgrade at all, and 400 for the rest.
    """
    if method != "GET":
        raise HandshakeError(f"the method must be GET; got {method}", 405, {"Allow": "GET"})
    if http_version in ("0.9", "1.0"):
        raise HandshakeError(f"HTTP must be 1.1; got {http_version}", 400)
    upgrade = text_of(headers, "upgrade")
    if upgrade is None:
        raise HandshakeError("Upgrade is missing", 426, {"Upgrade": "websocket", "Connection": "Upgrade"})
    if upgrade.lower() != "websocket":
        raise HandshakeError(f"Upgrade must be websocket; got {upgrade!r}", 400)
    if "upgrade" not in list_of((text_of(headers, "connection") or "").lower()):
        raise HandshakeError("Connection must have the option Upgrade", 400)
    version = text_of(headers, "sec-websocket-version")
    if version != VERSION:
        raise HandshakeError("Sec-WebSocket-Version is missing" if version is None else
                             f"Sec-WebSocket-Version must be {VERSION}; got {version!r}",
                             400 if version is None else 426, {"Sec-WebSocket-Version": VERSION})
    key = text_of(headers, "sec-websocket-key")
    if key is None or not _is_key(key):
        raise HandshakeError("Sec-WebSocket-Key must be 16 bytes in base64, once", 400)
    return UpgradeRequest(key, _protocols(headers), tuple(parse_extensions(
        text_of(headers, "sec-websocket-extensions") or "")), text_of(headers, "origin"))


def _is_key(key: str) -> bool:
    try:
        return len(key) == 24 and len(binascii.a2b_base64(key, strict_mode=True)) == 16
    except ValueError:
        return False


def _protocols(headers: Headers) -> tuple[str, ...]:
    field = text_of(headers, "sec-websocket-protocol")
    names = list_of(field)
    if field is not None and (not names or not all(map(is_token, names)) or len(set(names)) < len(names)):
        raise HandshakeError("Sec-WebSocket-Protocol must be tokens, each of them once", 400)
    return tuple(names)


def choose(request: UpgradeRequest, protocol: str | None = None, deflate: DeflateOptions | None = None) -> Agreement:
    """What to agree on: a subprotocol, one of the request's or none, and the first offer of compression that can be met.

    Raises:
        ArgumentValueError: the subprotocol was not asked for.
    """
    if protocol and protocol not in request.protocols:
        raise invalid_value("protocol", f"one of {list(request.protocols)}, or None", protocol)
    chosen = None if deflate is None else choose_offer(deflate, request.extensions)
    if chosen is None:
        return Agreement(protocol or "")
    return Agreement(protocol or "", format_extensions([chosen[1]]), chosen[0])


def answer_head(request: UpgradeRequest, agreement: Agreement) -> list[str]:
    """The lines of the answer, 101; more may be appended before it is serialised."""
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Accept: {accept_for(request.key)}"]
    if agreement.protocol:
        lines.append(f"Sec-WebSocket-Protocol: {agreement.protocol}")
    if agreement.extensions:
        lines.append(f"Sec-WebSocket-Extensions: {agreement.extensions}")
    return lines


def refusal(error: HandshakeError) -> bytes:
    """The whole answer to a request that is refused; the connection ends after it."""
    status = HTTPStatus(error.status or 400)
    body = f"{error}\n".encode()
    headers = {"Connection": "close", "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)),
               **error.headers}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return serialise_head(lines) + body


def serialise_head(lines: Iterable[str]) -> bytes:
    """The lines of a head as bytes, with the empty one at the end.

    Raises:
        ArgumentValueError: a line has a line end within, or a character beyond U+00FF.
    """
    head = []
    for line in lines:
        if _LINE_END.search(line) or (not line.isascii() and max(line) > "\xff"):
            raise invalid_value("header", "a line of Latin-1 without a line end", line)
        head.append(line)
    return "\r\n".join([*head, "", ""]).encode("latin-1")

"""A receiver that writes down what it is told, and functions that feed it: for the tests and the fuzz target."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from netloop.http.faults import ParseError
from netloop.http.message_head import MessageHead
from netloop.http.parser import MessageParser
from netloop.http.receiver import MessageReceiver
from netloop.http.request_parser import RequestParser
from netloop.http.response_parser import ResponseParser
from netloop.http.settings import ParserSettings

STRICT = ParserSettings()
WITHOUT_HOST = ParserSettings(require_host_header=False)
INSECURE = ParserSettings(http_validation="insecure", require_host_header=False)
FRAMINGS = ("no body", "fixed", "chunked", "until close")


class Log(MessageReceiver):
    """Writes each event down as a line; the chunks of a body are joined, because their sizes depend on how it came."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.heads: list[MessageHead] = []
        self.error: ParseError | None = None
        self.body = b""
        self.trailers: list[bytes] | None = None
        self.rest: bytes | None = None

    def on_head(self, head: MessageHead) -> None:
        self.heads.append(head)
        start = f"{head.method} {head.url}" if head.method else f"{head.status} {head.reason}".rstrip()
        facts = [FRAMINGS[head.framing]]
        facts += ["close"] * (not head.keep_alive) + ["upgrade"] * head.upgrade
        self.events.append(f"{start} ({', '.join(facts)})")

    def on_body(self, chunk: bytes) -> None:
        assert chunk
        self.body += chunk
        if self.events[-1].startswith("body "):
            self.events[-1] += chunk.decode("latin-1")
        else:
            self.events.append(f"body {chunk.decode('latin-1')}")

    def on_message_complete(self, trailers: list[bytes] | None) -> None:
        self.trailers = trailers
        self.events.append("end" if trailers is None else f"end {b'|'.join(trailers).decode('latin-1')}")

    def on_upgrade(self, rest: bytes) -> None:
        self.rest = rest
        self.events.append("upgrade")

    def on_error(self, error: ParseError) -> None:
        self.error = error
        self.events.append(f"error {error.code} {error.status}")


class Client(Log):
    """A client that has sent as many requests as there come answers."""

    parser: ResponseParser

    def __init__(self, method: str, upgrade: bool) -> None:
        super().__init__()
        self.method, self.upgrade = method, upgrade

    def on_message_complete(self, trailers: list[bytes] | None) -> None:
        super().on_message_complete(trailers)
        if not self.heads[-1].upgrade:
            self.parser.expect(self.method, self.upgrade)


def cut(data: bytes, *at: int) -> list[bytes]:
    borders = [0, *at, len(data)]
    return [data[start:end] for start, end in pairwise(borders)]


def every_cut(data: bytes) -> list[list[bytes]]:
    """The bytes whole, one by one, and in two pieces with the cut at every place."""
    return [[data], [data[at:at + 1] for at in range(len(data))], *(cut(data, at) for at in range(1, len(data)))]


def feed(parser: MessageParser, pieces: Iterable[bytes], end: bool) -> None:
    for piece in pieces:
        parser.feed(piece)
    if end:
        parser.finish()


def requests(data: bytes | list[bytes], settings: ParserSettings = STRICT, end: bool = False) -> Log:
    """What a server is told of these bytes, or of these pieces; `end`: the peer finishes then."""
    log = Log()
    feed(RequestParser(log, settings), [data] if isinstance(data, bytes) else data, end)
    return log


def responses(data: bytes | list[bytes], method: str = "GET", upgrade: bool = False,
              settings: ParserSettings = STRICT, end: bool = False) -> Client:
    """What a client is told of these bytes that sends one request after the other, all with this method."""
    log = Client(method, upgrade)
    log.parser = parser = ResponseParser(log, settings)
    parser.expect(method, upgrade)
    feed(parser, [data] if isinstance(data, bytes) else data, end)
    return log

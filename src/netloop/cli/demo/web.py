"""The HTTP service: pages to look at with a browser, and what the pages ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ...http import IncomingMessage, Server, ServerResponse, create_server
from ...net import is_ipv6
from ...timers import clear_interval, set_interval
from .chat_page import CHAT_PAGE
from .page import PAGE
from .service import ServerService
from .web_chat import WebChat

__all__ = ["Web"]

TICK_MS = 1000
TICKS = 10
LONGEST_SHOWN = 60      # characters of a target in the log; a peer may send 16384

Answer: TypeAlias = Callable[[IncomingMessage, ServerResponse], object]


class Web(ServerService):
    """Answers requests, and writes a line for each when it is done."""

    name = "http"
    colour = "blue"
    summary = "pages for your browser, one with a chat"
    own_port = 12010

    def make_server(self) -> Server:
        server = create_server(self._on_request)
        self.chat = WebChat(self.log, self.name, server)
        return server

    def try_it(self, host: str, port: int) -> str:
        return f"curl http://{f'[{host}]' if is_ipv6(host) else host}:{port}/"

    def _on_request(self, request: IncomingMessage, response: ServerResponse) -> None:
        path = request.url.partition("?")[0]
        allowed, answer = ROUTES.get(path, (None, not_found))
        peer = f"{getattr(request.socket, 'remote_address', '')}:{getattr(request.socket, 'remote_port', '')}"

        def on_close() -> None:
            what = f"{request.method} {request.url[:LONGEST_SHOWN]}"
            self.log.write(self.name, f"{what}: {response.status_code}"
                           f"{'' if response.writable_finished else ', not to its end'}", peer)

        response.on("close", on_close)
        if allowed is None or request.method in allowed:
            answer(request, response)
        else:
            response.write_head(405, {"Allow": ", ".join(allowed)})
            response.end()


# --- what there is --------------------------------------------------------------------------------------------------

def page(request: IncomingMessage, response: ServerResponse) -> None:
    _answer_html(response, PAGE)


def chat(request: IncomingMessage, response: ServerResponse) -> None:
    """The page of the chat; what it says and hears goes over a WebSocket at the same path."""
    _answer_html(response, CHAT_PAGE)


def show_request(request: IncomingMessage, response: ServerResponse) -> None:
    """The head of the request, as it came."""
    raw = request.raw_headers
    lines = [f"{request.method} {request.url} HTTP/{request.http_version}"]
    lines += [f"{name}: {value}" for name, value in zip(raw[::2], raw[1::2], strict=True)]
    _begin_text(response)
    response.end("\n".join([*lines, ""]))


def echo(request: IncomingMessage, response: ServerResponse) -> None:
    """The body of the request, as it comes and as fast as it is read."""
    _begin_text(response)
    request.pipe(response)


def ticks(request: IncomingMessage, response: ServerResponse) -> None:
    """A line each second: a response that is read while it is written."""
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        response.write(f"tick {count} of {TICKS}\n")
        if count == TICKS:
            response.end()

    _begin_text(response)
    response.write("every second a chunk:\n")
    timer = set_interval(tick, TICK_MS)
    response.on("close", lambda: clear_interval(timer))


def not_found(request: IncomingMessage, response: ServerResponse) -> None:
    response.write_head(404, {"Content-Type": "text/plain"})
    response.end(f"There is {', '.join(ROUTES)}\n")


def _answer_html(response: ServerResponse, html: str) -> None:
    response.write_head(200, {"Content-Type": "text/html; charset=utf-8"})
    response.end(html)


def _begin_text(response: ServerResponse) -> None:
    """What peers send is shown as text, whatever it looks like to a browser."""
    response.write_head(200, {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"})


READ = ("GET", "HEAD")
ROUTES: dict[str, tuple[tuple[str, ...], Answer]] = {
    "/": (READ, page), "/request": (READ, show_request), "/ticks": (READ, ticks), "/echo": (("POST", "PUT"), echo),
    "/chat": (READ, chat)}

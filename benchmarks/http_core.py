"""How long the message core of HTTP takes for one message, without any socket: the least of many rounds.

    python benchmarks/http_core.py
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns, perf_counter_ns

from netloop.http.date import date_line
from netloop.http.framing import frame_response, keep_alive_lines
from netloop.http.head import OutgoingHead, status_line
from netloop.http.headers import merge
from netloop.http.receiver import MessageReceiver
from netloop.http.request_parser import RequestParser
from netloop.http.response_parser import ResponseParser
from netloop.http.settings import ParserSettings

ROUNDS, CALLS = 200, 1000
HELLO = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: loadgen\r\nAccept: */*\r\n\r\n"
BROWSER = (b"GET /wp-content/uploads/2010/03/hello-kitty.jpg HTTP/1.1\r\nHost: www.kittyhell.com\r\n"
           b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
           b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
           b"Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\n"
           b"Referer: http://www.kittyhell.com/\r\nCookie: sid=0123456789abcdef0123456789abcdef; theme=dark\r\n"
           b"Cache-Control: no-cache\r\nUpgrade-Insecure-Requests: 1\r\n\r\n")
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4096\r\n\r\n" + bytes(4096)
CHUNKED = (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + bytes(4096) +
           b"\r\n0\r\n\r\n")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nHello World\n"
KEEP_ALIVE = keep_alive_lines(65000)


def serialise() -> bytes:
    head = OutgoingHead()
    head.add_all({"Content-Type": "text/plain"})
    frame_response(head, 200, "GET", 1, 12, True, KEEP_ALIVE, date_line(monotonic_ns()))
    return head.serialise(status_line(200))


def parse(request: bytes) -> Callable[[], object]:
    feed = RequestParser(MessageReceiver(), ParserSettings()).feed
    return lambda: feed(request)


def parse_response() -> Callable[[], object]:
    parser = ResponseParser(MessageReceiver(), ParserSettings())

    def parse_one() -> None:
        parser.expect("GET")
        parser.feed(ANSWER)
    return parse_one


def nanoseconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter_ns()
        for _ in range(CALLS):
            work()
        best = min(best, (perf_counter_ns() - start) / CALLS)
    return best


if __name__ == "__main__":
    fields: list[bytes] = [part for line in BROWSER.split(b"\r\n")[1:-2] for part in line.split(b": ", 1)]
    for name, work in {
        "parse a request with 3 fields": parse(HELLO),
        "parse 16 of them in one piece": parse(HELLO * 16),
        "parse a browser's request, 10 fields": parse(BROWSER),
        "parse a POST of 4 KiB": parse(POST),
        "parse the same, chunked": parse(CHUNKED),
        "parse a response with a body": parse_response(),
        "headers of the browser's request": lambda: merge(fields),
        "serialise the head of a response": serialise,
        "(an empty call)": lambda: None,
    }.items():
        print(f"{name:38} {nanoseconds(work):8.0f} ns")

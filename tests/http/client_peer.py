"""A peer of client tests that speaks in bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netloop import net

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Peer:
    """A server that answers each request (head and declared body) with the next of its answers.

    An answer is bytes, or a function of the socket; None as the last closes the connection.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.received: list[bytes] = []
        self.connections = 0

    def __call__(self, socket: net.Socket) -> None:
        self.connections += 1
        pending = bytearray()

        def on_data(data: bytes) -> None:
            pending.extend(data)
            while (size := message_size(pending)) > 0:
                self.received.append(bytes(pending[:size]))
                del pending[:size]
                answer = self.answers.pop(0) if self.answers else OK
                if callable(answer):
                    answer(socket)
                else:
                    socket.write(answer)

        socket.on("data", on_data)
        socket.on("error", lambda error: None)


def message_size(data: bytearray) -> int:
    """Bytes of the first whole request in the data, 0 when it is incomplete."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return 0
    size = len(head) + 4
    if b"chunked" in head.lower():
        return len(data) if rest.endswith(b"\r\n\r\n") else 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            size += int(line.partition(b":")[2])
    return size if len(data) >= size else 0


async def serve(peer: Callable[[net.Socket], object]) -> tuple[net.Server, str]:
    server = await net.listen(0, "127.0.0.1", peer)
    return server, f"http://127.0.0.1:{server.address().port}"

"""A name server on loopback, for the tests of dns: it answers, or misbehaves, as a test says."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Query = dns.message.QueryMessage
Responder = Callable[[Query, bool], list[bytes]]

LOOPBACK = "127.0.0.1"
TTL = 300


class NameServer:
    """Answers what it was told by `add`, by UDP and TCP, in a thread of its own.

    `respond(query, tcp)` returns the answers to send, as bytes; a test may put a function of its own there.
    """

    def __init__(self) -> None:
        self.respond: Responder = self.answer
        self.questions: list[tuple[str, str, str]] = []         # name, type, "udp" or "tcp"
        self._records: dict[tuple[str, str], list[str]] = {}
        self._selector = selectors.DefaultSelector()
        self._stack = ExitStack()
        self._udp = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._tcp = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.port = self._bind()
        self._tcp.listen()
        self._wake, self._woken = socket.socketpair()
        self._stack.enter_context(self._wake)
        self._stack.enter_context(self._woken)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _bind(self) -> int:
        while True:
            self._udp.bind((LOOPBACK, 0))
            port: int = self._udp.getsockname()[1]
            try:
                self._tcp.bind((LOOPBACK, port))
            except OSError:                         # somebody else's by TCP: try another
                self._udp.close()
                self._udp = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            else:
                return port

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    # --- what it says ---------------------------------------------------------------------------------------------

    def add(self, name: str, rrtype: str, *values: str) -> None:
        """Records, in the form of zone files."""
        self._records[name, rrtype] = list(values)

    def records(self, query: Query) -> dns.message.Message:
        """The true answer."""
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        rrtype = dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query, recursion_available=True)
        found = {kind: values for (known, kind), values in self._records.items() if known == name}
        if not found:
            response.set_rcode(dns.rcode.NXDOMAIN)
        for kind, values in found.items():
            if rrtype in (kind, "ANY") or kind == "CNAME":
                response.answer.append(dns.rrset.from_text(question.name, TTL, "IN", kind, *values))
        return response

    def answer(self, query: Query, tcp: bool) -> list[bytes]:
        return [self.records(query).to_wire(max_size=65535)]

    # --- how it says it -------------------------------------------------------------------------------------------

    def close(self) -> None:
        self._wake.send(b"x")
        self._thread.join()
        self._selector.close()
        self._stack.close()

    def _run(self) -> None:
        for each in (self._udp, self._tcp, self._woken):
            self._selector.register(each, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._udp:
                    data, peer = self._udp.recvfrom(65535)
                    for response in self._responses(data, tcp=False):
                        self._udp.sendto(response, peer)
                else:
                    self._serve_connection()

    def _serve_connection(self) -> None:
        connection, _ = self._tcp.accept()
        with connection, connection.makefile("rb") as stream:
            while size := stream.read(2):
                for response in self._responses(stream.read(int.from_bytes(size)), tcp=True):
                    connection.sendall(len(response).to_bytes(2) + response)

    def _responses(self, data: bytes, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(data)
        assert isinstance(query, Query)
        question = query.question[0]
        self.questions.append((question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype),
                               "tcp" if tcp else "udp"))
        return self.respond(query, tcp)

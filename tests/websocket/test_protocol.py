"""Sending, answering and closing: RFC 6455 sections 5.4, 5.5 and 7."""

from __future__ import annotations

from typing import Any

import pytest

from netloop.errors import ArgumentTypeError, ArgumentValueError, StateError
from netloop.websocket.masking_keys import CustomKeys
from netloop.websocket.protocol import CLOSED, CLOSING, OPEN, Protocol

FIN, TEXT, BINARY, CLOSE, PING, PONG = 0x80, 1, 2, 8, 9, 10


@pytest.fixture
def server(new_protocol) -> Any:
    return new_protocol(True)


@pytest.fixture
def client(new_protocol) -> Any:
    return new_protocol(False, keys=CustomKeys(lambda: bytes.fromhex("37fa213d")))


# --- sending ------------------------------------------------------------------------------------------------------------

def test_the_examples_of_the_rfc(server, client):
    """RFC 6455 section 5.7."""
    server.send("Hello")
    assert server.output() == bytes.fromhex("810548656c6c6f")
    client.send("Hello")
    assert client.output() == bytes.fromhex("818537fa213d7f9f4d5158")
    server.send("Hel", final=False)
    server.send("lo")
    assert server.output() == bytes.fromhex("010348656c80026c6f")
    server.send_ping(b"Hello")
    assert server.output() == bytes.fromhex("890548656c6c6f")
    client.send_pong(b"Hello")
    assert client.output() == bytes.fromhex("8a8537fa213d7f9f4d5158")


@pytest.mark.parametrize(("data", "options", "frame"), [
    ("é", {}, b"\x81\x02\xc3\xa9"), (b"x", {}, b"\x82\x01x"), (bytearray(b"x"), {}, b"\x82\x01x"),
    (memoryview(b"xyz")[1:2], {}, b"\x82\x01y"), ("x", {"binary": True}, b"\x82\x01x"),
    (b"x", {"binary": False}, b"\x81\x01x"),
    ("\ud800", {}, b"\x81\x03\xef\xbf\xbd"),      # half a surrogate pair becomes U+FFFD, as in a browser
])
def test_what_can_be_sent(server, data, options, frame):
    assert server.send(data, **options) == len(frame)
    assert server.output() == frame


@pytest.mark.parametrize("data", [None, 1, ["x"]])
def test_what_cannot_be_sent(server, data):
    for send in (server.send, server.send_ping, server.send_pong):
        with pytest.raises(ArgumentTypeError, match="must be a str, bytes, bytearray or memoryview"):
            send(data)
    assert server.output() == b""


def test_bytes_that_are_no_text_are_not_sent_as_text(server):
    with pytest.raises(ArgumentValueError, match="UTF-8"):
        server.send(b"\xff", binary=False)


def test_a_large_payload_is_not_copied_by_a_server(server):
    payload = bytes(100_000)
    server.send(payload)
    head, piece = server.take_output()
    assert head == bytes.fromhex("827f00000000000186a0")
    assert piece is payload


def test_output_is_counted_until_it_is_taken(server):
    assert server.send(b"ab") == server.output_size == 4
    server.send(bytes(100_000))
    assert server.output_size == 4 + 10 + 100_000
    server.take_output()
    assert server.output_size == 0
    assert server.take_output() == []


def test_a_program_can_change_its_buffer_afterwards(server):
    data = bytearray(20_000)
    server.send(data)
    data[0] = 1
    assert server.output()[4:] == bytes(20_000)


def test_control_frames_go_between_fragments(server):
    server.send("a", final=False)
    server.send_ping()
    server.send("b", final=False)
    server.send("c")
    assert server.output() == b"\x01\x01a" b"\x89\x00" b"\x00\x01b" b"\x80\x01c"


def test_the_first_fragment_decides_what_the_message_is(server):
    server.send(b"a", final=False)
    server.send("b")
    server.send("c")
    assert server.output() == b"\x02\x01a" b"\x80\x01b" b"\x81\x01c"


def test_a_ping_has_at_most_125_bytes(server):
    server.send_ping(bytes(125))
    for send in (server.send_ping, server.send_pong):
        with pytest.raises(ArgumentValueError, match="at most 125 bytes"):
            send(bytes(126))


def test_every_frame_of_a_client_has_a_key_of_its_own(new_protocol):
    client = new_protocol(False)
    for _ in range(2000):       # more than one block of random bytes has
        client.send(b"")
    output = client.output()
    keys = {output[at + 2:at + 6] for at in range(0, len(output), 6)}
    assert len(keys) > 1990


@pytest.mark.parametrize("key", [b"", b"abc", b"abcde", "abcd", None])
def test_a_key_of_the_programs_own_must_be_four_bytes(new_protocol, key):
    client = new_protocol(False, keys=CustomKeys(lambda: key))
    with pytest.raises(ArgumentValueError, match="four bytes"):
        client.send(b"x")


# --- pings --------------------------------------------------------------------------------------------------------------

def test_a_ping_is_answered_before_its_event(new_protocol, sent_to):
    class Observing(new_protocol):
        def on_ping(self, data: bytes) -> None:
            super().on_ping(data)
            self.events.append(self.output())

    server = Observing(True)
    server.receive_data(sent_to(server, FIN | PING, b"Hello"))
    assert server.events == [("ping", b"Hello"), b"\x8a\x05Hello"]


def test_without_auto_pong_a_ping_is_only_told(new_protocol, sent_to):
    server = new_protocol(True, auto_pong=False)
    server.receive_data(sent_to(server, FIN | PING, b"x"))
    assert server.events == [("ping", b"x")]
    assert server.output() == b""


def test_no_ping_is_answered_after_our_close_frame(server, sent_to):
    server.send_close(1000)
    server.output()
    server.receive_data(sent_to(server, FIN | PING, b"x"))
    assert server.output() == b""


def test_a_peer_that_floods_pings_and_reads_no_pongs_fails(server, sent_to):
    ping = sent_to(server, FIN | PING, b"x")
    server.receive_data(ping * 60)
    assert server.failure is None
    server.receive_data(ping)
    assert server.failure.code == "WS_ERR_TOO_MANY_PENDING_PONGS"
    assert server.close_sent.code == 1008
    assert server.output().count(b"\x8a\x01x") == 60


def test_a_peer_that_reads_its_pongs_may_ping_for_ever(server, sent_to):
    ping = sent_to(server, FIN | PING, b"x")
    for _ in range(10):
        server.receive_data(ping * 50)
        server.output_written()
    assert server.failure is None


def test_the_limit_of_pings_can_be_lifted(new_protocol, sent_to):
    server = new_protocol(True, max_pending_pongs=0)
    server.receive_data(sent_to(server, FIN | PING, b"x") * 1000)
    assert server.failure is None


# --- closing ------------------------------------------------------------------------------------------------------------

def connect(server: Protocol, client: Protocol) -> None:
    """Hand over what each has for the other, until neither has anything."""
    while pieces := server.take_output() + client.take_output():
        for piece in pieces:
            (server if piece[1] & 0x80 else client).receive_data(piece)


@pytest.mark.parametrize("first", ["server", "client"])
def test_either_end_may_begin_to_close(server, client, first):
    one, other = (server, client) if first == "server" else (client, server)
    one.send_close(4000, "bye")
    assert (one.ready_state, other.ready_state) == (CLOSING, OPEN)
    assert not one.should_end
    connect(server, client)
    assert other.events == [("close", 4000, "bye")]
    assert one.events == [("close", 4000, "bye")]
    for end in (one, other):
        assert end.was_clean
        assert (end.close_code, end.close_reason, end.ready_state) == (4000, "bye", CLOSING)


def test_the_server_ends_the_socket_and_the_client_waits(server, client):
    client.send_close()
    connect(server, client)
    assert server.should_end
    assert not client.should_end
    client.receive_eof()
    assert client.ready_state == CLOSED


def test_both_may_close_at_once(server, client):
    server.send_close(1000)
    client.send_close(1001)
    connect(server, client)
    assert (server.close_code, client.close_code) == (1001, 1000)
    assert server.was_clean
    assert client.was_clean


def test_a_close_frame_without_a_code_is_answered_by_one(server, client):
    client.send_close()
    connect(server, client)
    assert server.close_sent == client.close_received == (1005, "")
    assert server.close_code == client.close_code == 1005


def test_messages_come_until_the_peers_close_frame(server, sent_to):
    server.send_close(1000)
    server.receive_data(sent_to(server, FIN | TEXT, b"still") + sent_to(server, FIN | CLOSE)
                        + sent_to(server, FIN | TEXT, b"too late"))
    assert server.events == [("message", "still"), ("close", 1005, "")]


def test_nothing_is_sent_after_a_close_frame(server, sent_to):
    server.send_close(1000)
    server.output()
    for send in (server.send, server.send_ping, server.send_pong):
        with pytest.raises(StateError, match="not open"):
            send(b"x")
    assert server.send_close(1001) == 0
    assert server.output() == b""


def test_nothing_is_sent_after_the_peers_close_frame_but_the_answer(server, sent_to):
    server.receive_data(sent_to(server, FIN | CLOSE, b"\x03\xe8"))
    assert server.output() == b"\x88\x02\x03\xe8"
    with pytest.raises(StateError):
        server.send(b"x")


def test_a_connection_that_only_ends_was_closed_abnormally(server, sent_to):
    server.receive_data(sent_to(server, TEXT, b"half a message"))
    server.receive_eof()
    assert (server.close_code, server.close_reason, server.was_clean) == (1006, "", False)
    assert server.ready_state == CLOSED
    assert server.send_close(1000) == 0
    with pytest.raises(StateError):
        server.send(b"x")


def test_nothing_is_received_after_the_end(server, sent_to):
    server.receive_eof()
    server.receive_data(sent_to(server, FIN | TEXT, b"x"))
    assert server.events == []


def test_a_violation_tells_the_peer_why(server, client):
    server.receive_data(b"\x83\x80")
    assert server.failure.code == "WS_ERR_INVALID_OPCODE"
    assert (server.ready_state, server.should_end) == (CLOSING, True)
    client.receive_data(server.output())
    assert client.close_received == (1002, "the opcode 3 is reserved")
    assert (server.close_code, server.was_clean) == (1006, False)


def test_after_a_violation_nothing_counts(server, sent_to):
    server.receive_data(b"\x83\x80" + sent_to(server, FIN | TEXT, b"x"))
    server.receive_data(sent_to(server, FIN | CLOSE, b"\x03\xe8"))
    assert server.events == [("failure", "WS_ERR_INVALID_OPCODE")]


def test_a_violation_after_our_close_frame_sends_no_second_one(server):
    server.send_close(1000)
    server.output()
    server.receive_data(b"\x83\x80")
    assert server.output() == b""
    assert server.should_end


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, -1])
def test_a_code_that_may_not_travel_is_not_sent(server, code):
    with pytest.raises(ArgumentValueError, match="code must be"):
        server.send_close(code)
    assert server.ready_state == OPEN


def test_a_close_frame_within_a_message_is_allowed(server):
    server.send(b"half", final=False)
    server.send_close(1001)
    assert server.output() == b"\x02\x04half" b"\x88\x02\x03\xe9"


def test_the_repr_says_the_state(server, client):
    assert repr(server) == "<Protocol server open>"
    client.send_close()
    assert repr(client) == "<Protocol client closing>"
    client.receive_eof()
    assert repr(client) == "<Protocol client closed>"

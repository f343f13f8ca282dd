"""RFC 6455 section 5, as it is received: every case whole, byte by byte, and cut at each place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop import diagnostics

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FIN, RSV1 = 0x80, 0x40

GOOD: dict[str, tuple[list[tuple[int, bytes]], list[tuple[Any, ...]]]] = {
    "text": ([(FIN | TEXT, b"Hello")], [("message", "Hello")]),
    "binary": ([(FIN | BINARY, b"\x00\xff")], [("message", b"\x00\xff")]),
    "empty text": ([(FIN | TEXT, b"")], [("message", "")]),
    "empty binary": ([(FIN | BINARY, b"")], [("message", b"")]),
    "two messages": ([(FIN | TEXT, b"a"), (FIN | BINARY, b"b")], [("message", "a"), ("message", b"b")]),
    "a length of two bytes": ([(FIN | BINARY, bytes(126))], [("message", bytes(126))]),
    "a text of many scripts": ([(FIN | TEXT, "é你🎉".encode())], [("message", "é你🎉")]),
    "two fragments": ([(TEXT, b"Hel"), (FIN, b"lo")], [("message", "Hello")]),
    "a character cut by fragments": ([(TEXT, b"\xf0\x9f"), (0, b"\x8e"), (FIN, b"\x89!")], [("message", "🎉!")]),
    "empty fragments": ([(BINARY, b""), (0, b""), (0, b"x"), (FIN, b"")], [("message", b"x")]),
    "nothing but empty fragments": ([(TEXT, b""), (0, b""), (FIN, b"")], [("message", "")]),
    "ping": ([(FIN | PING, b"Hello")], [("ping", b"Hello")]),
    "pong": ([(FIN | PONG, b"")], [("pong", b"")]),
    "the largest ping": ([(FIN | PING, bytes(125))], [("ping", bytes(125))]),
    "control frames between fragments": (
        [(TEXT, b"Hel"), (FIN | PING, b"1"), (0, b"l"), (FIN | PONG, b"2"), (FIN, b"o")],
        [("ping", b"1"), ("pong", b"2"), ("message", "Hello")]),
    "close": ([(FIN | CLOSE, b"\x03\xe8bye")], [("close", 1000, "bye")]),
    "close without a code": ([(FIN | CLOSE, b"")], [("close", 1005, "")]),
    "close in the middle of a message": ([(BINARY, b"x"), (FIN | CLOSE, b"\x03\xe9")], [("close", 1001, "")]),
    "data after close": ([(FIN | CLOSE, b""), (FIN | TEXT, b"x"), (0x7F, b"\xff")], [("close", 1005, "")]),
}

BAD: dict[str, tuple[list[tuple[int, bytes]], str]] = {
    "RSV1 without an extension": ([(FIN | RSV1 | TEXT, b"x")], "WS_ERR_UNEXPECTED_RSV_1"),
    "RSV2": ([(FIN | 0x20 | TEXT, b"x")], "WS_ERR_UNEXPECTED_RSV_2_3"),
    "RSV3": ([(FIN | 0x10 | TEXT, b"x")], "WS_ERR_UNEXPECTED_RSV_2_3"),
    "RSV3 of a ping": ([(FIN | 0x10 | PING, b"x")], "WS_ERR_UNEXPECTED_RSV_2_3"),
    **{f"reserved opcode {opcode}": ([(FIN | opcode, b"")], "WS_ERR_INVALID_OPCODE")
       for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a continuation of nothing": ([(FIN, b"x")], "WS_ERR_INVALID_OPCODE"),
    "a continuation after a whole message": ([(FIN | TEXT, b"x"), (0, b"x")], "WS_ERR_INVALID_OPCODE"),
    "a message within another": ([(TEXT, b"x"), (FIN | TEXT, b"x")], "WS_ERR_INVALID_OPCODE"),
    "a fragmented ping": ([(PING, b"x")], "WS_ERR_EXPECTED_FIN"),
    "a fragmented close": ([(CLOSE, b"")], "WS_ERR_EXPECTED_FIN"),
    "a large ping": ([(FIN | PING, bytes(126))], "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"),
    "a large close": ([(FIN | CLOSE, b"\x03\xe8" + bytes(124))], "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"),
    "half a close code": ([(FIN | CLOSE, b"\x03")], "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"),
    "a reason that is no text": ([(FIN | CLOSE, b"\x03\xe8\xff")], "WS_ERR_INVALID_UTF8"),
    **{f"close code {code}": ([(FIN | CLOSE, code.to_bytes(2, "big"))], "WS_ERR_INVALID_CLOSE_CODE")
       for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535)},
    "text that is none": ([(FIN | TEXT, b"a\xff")], "WS_ERR_INVALID_UTF8"),
    "text that ends within a character": ([(FIN | TEXT, b"a\xc3")], "WS_ERR_INVALID_UTF8"),
    "text that ends within a character, in fragments": ([(TEXT, b"a"), (FIN, b"\xc3")], "WS_ERR_INVALID_UTF8"),
    "a surrogate": ([(TEXT, b"\xed\xa0"), (FIN, b"\x80")], "WS_ERR_INVALID_UTF8"),
    "beyond U+10FFFF": ([(FIN | TEXT, b"\xf4\x90\x80\x80")], "WS_ERR_INVALID_UTF8"),
}


def feed(protocol: Any, data: bytes, pieces: str | int) -> None:
    """Hand over the data whole, byte by byte, or cut at one place."""
    if pieces == "whole":
        protocol.receive_data(data)
    elif pieces == "byte by byte":
        for at in range(len(data)):
            protocol.receive_data(data[at:at + 1])
    else:
        protocol.receive_data(data[:pieces])
        protocol.receive_data(data[pieces:])


def each_way(new_protocol, sent_to, is_server, frames):
    """(the way in which it arrived, the events and the output then)"""
    data = b"".join(sent_to(new_protocol(is_server), first, payload) for first, payload in frames)
    for way in ("whole", "byte by byte", *range(len(data) + 1)):
        protocol = new_protocol(is_server)
        feed(protocol, data, way)
        yield way, protocol


@pytest.mark.parametrize("is_server", [True, False], ids=["server", "client"])
@pytest.mark.parametrize("case", GOOD)
def test_good_frames(new_protocol, sent_to, case, is_server):
    frames, events = GOOD[case]
    for way, protocol in each_way(new_protocol, sent_to, is_server, frames):
        assert protocol.events == events, way
        assert protocol.failure is None


@pytest.mark.parametrize("is_server", [True, False], ids=["server", "client"])
@pytest.mark.parametrize("case", BAD)
def test_bad_frames(new_protocol, sent_to, case, is_server):
    frames, code = BAD[case]
    for way, protocol in each_way(new_protocol, sent_to, is_server, frames):
        assert protocol.events[-1:] == [("failure", code)], way
        assert protocol.close_sent.code == {"WS_ERR_INVALID_UTF8": 1007}.get(code, 1002)
        assert protocol.should_end


def test_the_masked_example_of_the_rfc(new_protocol):
    """RFC 6455 section 5.7."""
    server = new_protocol(True)
    server.receive_data(bytes.fromhex("818537fa213d7f9f4d5158"))
    assert server.events == [("message", "Hello")]


def test_a_client_must_mask(new_protocol):
    server = new_protocol(True)
    server.receive_data(b"\x81\x00")
    assert server.events == [("failure", "WS_ERR_EXPECTED_MASK")]
    assert server.close_sent.code == 1002


def test_a_server_must_not_mask(new_protocol):
    client = new_protocol(False)
    client.receive_data(b"\x81\x80")
    assert client.events == [("failure", "WS_ERR_UNEXPECTED_MASK")]


@pytest.mark.parametrize("head", ["82 7e 0000", "82 7e 007d", "82 7f 0000000000000000", "82 7f 000000000000ffff"])
def test_a_length_must_be_minimal(new_protocol, head):
    client = new_protocol(False)
    client.receive_data(bytes.fromhex(head))
    assert client.events == [("failure", "WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH")]


@pytest.mark.parametrize("head", ["82 7f 0020000000000000", "82 7f 8000000000000000", "82 7f ffffffffffffffff"])
@pytest.mark.parametrize("max_payload", [0, 100])
def test_a_length_must_be_possible(new_protocol, head, max_payload):
    client = new_protocol(False, max_payload=max_payload)
    client.receive_data(bytes.fromhex(head))
    assert client.events == [("failure", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH")]
    assert client.close_sent.code == 1009


def test_a_violation_is_found_before_the_payload_comes(new_protocol):
    client = new_protocol(False)
    client.receive_data(b"\x8a\x7e")
    assert client.events == [("failure", "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH")]


def test_wrong_text_is_found_at_the_first_byte_that_is_wrong(protocol, sent_to):
    data = sent_to(protocol, TEXT, b"a" * 200 + b"\xe0\x80 and so on")
    wrong = len(data) - len(b"\x80 and so on")
    protocol.receive_data(data[:wrong])
    assert protocol.events == []
    protocol.receive_data(data[wrong:wrong + 1])
    assert protocol.events == [("failure", "WS_ERR_INVALID_UTF8")]


def test_without_validation_wrong_text_is_replaced(new_protocol, sent_to):
    for frames in ([(FIN | TEXT, b"a\xffb")], [(TEXT, b"a\xff"), (FIN, b"b")]):
        server = new_protocol(True, skip_utf8_validation=True)
        server.receive_data(b"".join(sent_to(server, *frame) for frame in frames))
        assert server.events == [("message", "a\ufffdb")]


# --- limits -----------------------------------------------------------------------------------------------------------

def test_a_message_of_the_largest_size_passes_and_one_byte_more_fails(new_protocol, sent_to):
    for size, event in ((1000, ("message", bytes(1000))), (1001, ("failure", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"))):
        server = new_protocol(True, max_payload=1000)
        server.receive_data(sent_to(server, FIN | BINARY, bytes(size)))
        assert server.events == [event]


def test_the_limit_counts_for_all_fragments_together(new_protocol, sent_to):
    server = new_protocol(True, max_payload=10)
    server.receive_data(sent_to(server, BINARY, bytes(6)) + sent_to(server, FIN, bytes(4)))
    server.receive_data(sent_to(server, BINARY, bytes(6)) + sent_to(server, FIN, bytes(5))[:6])
    assert server.events == [("message", bytes(10)), ("failure", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")]
    assert server.close_sent.code == 1009


def test_without_a_limit_only_memory_is_one(new_protocol, sent_to):
    server = new_protocol(True, max_payload=0)
    server.receive_data(sent_to(server, FIN | BINARY, bytes(100_000)))
    assert server.events == [("message", bytes(100_000))]


def test_a_message_of_65536_fragments_passes(new_protocol, sent_to):
    server = new_protocol(True)
    fragments = sent_to(server, 0, b"x") * 65_534
    server.receive_data(sent_to(server, TEXT, b"x") + fragments + sent_to(server, FIN, b"x"))
    assert server.events == [("message", "x" * 65_536)]


def test_empty_fragments_count_too(new_protocol, sent_to):
    server = new_protocol(True, max_fragments=10)
    server.receive_data(sent_to(server, TEXT) + sent_to(server, 0) * 9)
    assert server.events == []
    server.receive_data(sent_to(server, 0))
    assert server.events == [("failure", "WS_ERR_TOO_MANY_BUFFERED_PARTS")]
    assert server.close_sent.code == 1008


# --- large messages, and those that are wanted in fragments ------------------------------------------------------------

def test_a_large_message_arrives_in_many_chunks(protocol, sent_to):
    payload = bytes(range(256)) * 8192
    data = sent_to(protocol, FIN | BINARY, payload) + sent_to(protocol, FIN | TEXT, b"next")
    for at in range(0, len(data), 65_521):
        protocol.receive_data(data[at:at + 65_521])
    assert protocol.events == [("message", payload), ("message", "next")]


def test_binary_messages_can_be_had_in_fragments(new_protocol, sent_to):
    server = new_protocol(True, fragments=True)
    for first, payload in ((BINARY, b"ab"), (0, b""), (FIN, b"c"), (FIN | BINARY, b"d"), (TEXT, b"e"), (FIN, b"f")):
        server.receive_data(sent_to(server, first, payload))
    assert server.events == [("message", [b"ab", b"", b"c"]), ("message", [b"d"]), ("message", "ef")]


# --- pausing ------------------------------------------------------------------------------------------------------------

@pytest.fixture
def pausing(new_protocol):
    """A server that pauses at each message."""
    class Pausing(new_protocol):
        def on_message(self, data: Any, is_binary: bool) -> None:
            super().on_message(data, is_binary)
            self.pause()

    return Pausing(True)


def test_pause_is_obeyed_before_the_next_message(pausing, sent_to):
    pausing.receive_data(b"".join(sent_to(pausing, FIN | TEXT, name) for name in (b"1", b"2", b"3")))
    pausing.receive_data(sent_to(pausing, FIN | TEXT, b"4"))
    for count in (1, 2, 3, 4, 4):
        assert [data for _, data in pausing.events] == ["1", "2", "3", "4"][:count]
        pausing.resume()


def test_control_frames_wait_as_well(pausing, sent_to):
    pausing.receive_data(sent_to(pausing, FIN | TEXT, b"1") + sent_to(pausing, FIN | PING, b"") + b"\x81")
    assert pausing.output() == b""
    pausing.resume()
    assert pausing.output() == b"\x8a\x00"


def test_a_frame_that_was_cut_by_pausing_goes_on(pausing, sent_to):
    second = sent_to(pausing, FIN | TEXT, b"second")
    pausing.receive_data(sent_to(pausing, FIN | TEXT, b"1") + second[:3])
    pausing.receive_data(second[3:9])
    pausing.receive_data(second[9:])
    pausing.resume()
    assert pausing.events[1:] == [("message", "second")]


def test_chunks_that_come_while_paused_are_limited(new_protocol, sent_to):
    server = new_protocol(True, max_buffered_chunks=3)
    server.pause()
    for _ in range(3):
        server.receive_data(b"\x81")
    assert server.events == []
    server.receive_data(b"\x81")
    assert server.events == [("failure", "WS_ERR_TOO_MANY_BUFFERED_PARTS")]
    assert server.close_sent.code == 1008


def test_resume_from_within_a_hook_goes_on_after_it(new_protocol, sent_to):
    class Resuming(new_protocol):
        def on_message(self, data: Any, is_binary: bool) -> None:
            self.pause()
            self.resume()
            self.events.append((data, self.receiving))

    server = Resuming(True)
    server.receive_data(sent_to(server, FIN | TEXT, b"1") + sent_to(server, FIN | TEXT, b"2"))
    assert server.events == [("1", True), ("2", True)]
    assert not server.receiving


def test_a_chunk_given_from_within_a_hook_comes_after_the_one_under_way(new_protocol, sent_to):
    class Feeding(new_protocol):
        def on_message(self, data: Any, is_binary: bool) -> None:
            super().on_message(data, is_binary)
            if data == "1":
                self.receive_data(sent_to(self, FIN | TEXT, b"3"))

    server = Feeding(True)
    server.receive_data(sent_to(server, FIN | TEXT, b"1") + sent_to(server, FIN | TEXT, b"2"))
    assert [data for _, data in server.events] == ["1", "2", "3"]


def test_what_a_hook_raises_passes_through_and_the_rest_is_there_after_it(new_protocol, sent_to):
    class Failing(new_protocol):
        def on_message(self, data: Any, is_binary: bool) -> None:
            if data == "1":
                raise ZeroDivisionError
            super().on_message(data, is_binary)

    server = Failing(True)
    with pytest.raises(ZeroDivisionError):
        server.receive_data(sent_to(server, FIN | TEXT, b"1") + sent_to(server, FIN | TEXT, b"2"))
    server.resume()
    assert server.events == [("message", "2")]


# --- any messages, any fragments, any chunks ----------------------------------------------------------------------------

MESSAGES = st.lists(st.tuples(st.one_of(st.text(max_size=200), st.binary(max_size=300)), st.lists(st.integers(0, 300))),
                    max_size=6)


@given(MESSAGES, st.booleans(), st.data())
def test_what_one_end_sends_the_other_receives(new_protocol, messages, to_server, draw):
    sender, receiver = new_protocol(not to_server), new_protocol(to_server)
    for data, cuts in messages:
        places = sorted({cut for cut in cuts if cut < len(data)} | {0})
        for start, stop in zip(places, [*places[1:], len(data)], strict=True):
            sender.send(data[start:stop], final=stop == len(data))
        sender.send_ping(b"between")
    output = sender.output()
    while output:
        size = draw.draw(st.integers(1, len(output)))
        receiver.receive_data(output[:size])
        output = output[size:]
    assert [event[1] for event in receiver.events if event[0] == "message"] == [data for data, _ in messages]
    assert receiver.events.count(("ping", b"between")) == len(messages)
    assert receiver.failure is None


def test_frames_are_published(protocol, sent_to):
    def publish(message: dict[str, Any], name: str) -> None:
        published.append(message)

    published: list[Any] = []
    diagnostics.subscribe("websocket.frame", publish)
    try:
        protocol.receive_data(sent_to(protocol, TEXT, b"ab") + sent_to(protocol, FIN | PING, b"c"))
        protocol.send("abc")
    finally:
        diagnostics.unsubscribe("websocket.frame", publish)
    assert [(each["sent"], each["opcode"], each["final"], each["size"]) for each in published] == [
        (False, TEXT, False, 2), (False, PING, True, 1), (True, PONG, True, 1), (True, TEXT, True, 3)]
    assert published[0]["websocket"] is protocol

"""Conformance: framing, pings and pongs, reserved bits, opcodes, fragmentation (RFC 6455 sections 5.2 to 5.6).

The cases are those of the Autobahn test suite, sections 1 to 5, 9 and 10, for both roles.  Each has one right answer.
"""

from __future__ import annotations

import os

import pytest

FIN, CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x80, 0x00, 0x01, 0x02, 0x08, 0x09, 0x0A
GOODBYE = (FIN | CLOSE, b"\x03\xe8")
HELLO = (FIN | TEXT, b"Hello, world!")
PROTOCOL_ERROR, NORMAL = 1002, 1000


# --- 1 framing, 9 and 10 sizes and fragments of every size ---------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65535, 65536])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_of_any_size_comes_back(converse, opcode, size):
    frame = (FIN | opcode, (b"*" if opcode == TEXT else b"\xfe") * size)
    assert converse(frame, GOODBYE) == [frame, NORMAL]


@pytest.mark.parametrize("size", [2**18, 2**20, 2**22, pytest.param(2**24, marks=pytest.mark.slow)])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_large_message_comes_back(converse, opcode, size):
    frame = (FIN | opcode, ("é你" * (size // 5)).encode() if opcode == TEXT else os.urandom(size))
    assert converse(frame, GOODBYE) == [frame, NORMAL]


@pytest.mark.parametrize("size", [64, 256, 1300, 4096, 65536, 2**20])
def test_a_message_in_fragments_of_any_size_comes_back_whole(converse, size):
    message = os.urandom(2**20 if size > 256 else 2**16)
    pieces = [message[at:at + size] for at in range(0, len(message), size)]
    frames = [(BINARY, pieces[0]), *((CONTINUATION, piece) for piece in pieces[1:]), (FIN | CONTINUATION, b"")]
    assert converse(*frames, GOODBYE) == [(FIN | BINARY, message), NORMAL]


def test_a_thousand_messages_come_back_in_order(converse):
    frames = [(FIN | TEXT, b"%d" % number) for number in range(1000)]
    assert converse(*frames, GOODBYE) == [*frames, NORMAL]


# --- 2 pings and pongs ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("data", [b"", b"Hello, world!", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125])
def test_a_ping_comes_back_as_a_pong(converse, data):
    assert converse((FIN | PING, data), GOODBYE) == [(FIN | PONG, data), NORMAL]


def test_ten_pings_come_back_in_order(converse):
    data = [b"payload-%d" % number for number in range(10)]
    assert converse(*((FIN | PING, each) for each in data), GOODBYE) == [*((FIN | PONG, each) for each in data), NORMAL]


@pytest.mark.parametrize("data", [b"", b"unsolicited"])
def test_a_pong_that_nobody_asked_for_is_ignored(converse, data):
    assert converse((FIN | PONG, data), (FIN | PING, b"ping"), GOODBYE) == [(FIN | PONG, b"ping"), NORMAL]


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_a_control_frame_with_126_bytes_fails(converse, opcode):
    assert converse((FIN | opcode, b"\x03\xe8" + b"x" * 124)) == [PROTOCOL_ERROR]


# --- 3 reserved bits -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("bits", range(1, 8))
@pytest.mark.parametrize(("opcode", "payload"), [
    (TEXT, b"Hello"), (BINARY, b"Hello"), (PING, b""), (PONG, b""), (CLOSE, b"\x03\xe8"), (CONTINUATION, b"")])
def test_a_reserved_bit_fails(converse, bits, opcode, payload):
    assert converse(HELLO, (FIN | bits << 4 | opcode, payload), (FIN | PING, b"")) == [HELLO, PROTOCOL_ERROR]


# --- 4 opcodes -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"reserved opcode"])
@pytest.mark.parametrize("before", [[], [HELLO]])
def test_a_reserved_opcode_fails(converse, opcode, payload, before):
    assert converse(*before, (FIN | opcode, payload), (FIN | PING, b"")) == [*before, PROTOCOL_ERROR]


# --- 5 fragmentation -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_a_control_frame_must_not_be_fragmented(converse, opcode):
    assert converse((opcode, b"\x03\xe8"), (FIN | CONTINUATION, b"fragment2")) == [PROTOCOL_ERROR]


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("pieces", [[b"frag1", b"frag2"], [b"", b""], [b"", b"", b"x"], [b"a", b"", b"b", b"c", b""]])
def test_fragments_are_one_message(converse, opcode, pieces):
    middle = [(CONTINUATION, piece) for piece in pieces[1:-1]]
    frames = [(opcode, pieces[0]), *middle, (FIN | CONTINUATION, pieces[-1])]
    assert converse(*frames, GOODBYE) == [(FIN | opcode, b"".join(pieces)), NORMAL]


def test_pings_between_fragments_are_answered_before_the_message(converse):
    frames = [(TEXT, b"fragment1"), (CONTINUATION, b"fragment2"), (FIN | PING, b"ping 1"), (CONTINUATION, b"fragment3"),
              (CONTINUATION, b"fragment4"), (FIN | PING, b"ping 2"), (FIN | CONTINUATION, b"fragment5")]
    message = b"fragment1fragment2fragment3fragment4fragment5"
    assert converse(*frames, GOODBYE) == [(FIN | PONG, b"ping 1"), (FIN | PONG, b"ping 2"), (FIN | TEXT, message), NORMAL]


@pytest.mark.parametrize("first", [CONTINUATION, FIN | CONTINUATION])
@pytest.mark.parametrize("before", [[], [HELLO], [(TEXT, b"Hello, "), (FIN | CONTINUATION, b"world!")]])
def test_a_continuation_of_nothing_fails(converse, first, before):
    answer = [HELLO] if before else []
    assert converse(*before, (first, b"nothing to continue"), HELLO) == [*answer, PROTOCOL_ERROR]


@pytest.mark.parametrize("first", [TEXT, FIN | TEXT, BINARY, FIN | BINARY])
@pytest.mark.parametrize("between", [[], [(CONTINUATION, b"more")], [(FIN | PING, b"")]])
def test_a_new_message_before_the_end_of_the_last_one_fails(converse, first, between):
    pongs = [(FIN | PONG, b"")] if between == [(FIN | PING, b"")] else []
    assert converse((TEXT, b"begun"), *between, (first, b"new")) == [*pongs, PROTOCOL_ERROR]

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop._engine.masking import mask
from netloop._engine.payload_buffer import PayloadBuffer


@given(st.lists(st.binary(max_size=50)), st.integers(0, 2000))
def test_pieces_come_out_as_one(pieces, announced):
    buffer = PayloadBuffer()
    buffer.expect(announced)
    for piece in pieces:
        buffer.add(piece, 0, len(piece))
    assert buffer.size == sum(map(len, pieces))
    assert buffer.take() == b"".join(pieces)
    assert buffer.size == 0


@given(st.binary(max_size=200), st.integers(0, 2 ** 32 - 1), st.lists(st.integers(0, 200)))
def test_masked_pieces_are_unmasked_on_the_way(payload, key, cuts):
    data = mask(payload, 0, len(payload), key)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    buffer = PayloadBuffer()
    for start, stop in pairwise(places):
        buffer.add_masked(data, start, stop, key, start & 3)
    assert buffer.take() == payload


def test_it_is_empty_after_take_and_can_be_used_again():
    buffer = PayloadBuffer()
    buffer.add(b"first \xc3", 0, 7)
    assert buffer.is_text_so_far()
    first = buffer.take()
    assert buffer.take() == b""
    buffer.add(b"second", 0, 6)
    assert buffer.is_text_so_far()      # the half character belonged to the first
    assert buffer.take() == b"second"
    assert first == b"first \xc3"


def test_what_was_taken_does_not_change_afterwards():
    buffer = PayloadBuffer()
    buffer.expect(100)
    buffer.add(b"abc", 0, 3)
    taken = buffer.take()
    buffer.add(b"xyz", 0, 3)
    assert taken == b"abc"


def test_text_is_validated_as_it_arrives():
    buffer = PayloadBuffer()
    for byte in "aé".encode():
        buffer.add(bytes([byte]), 0, 1)
        assert buffer.is_text_so_far()
    buffer.add(b"\xc3\xc3", 0, 1)
    assert buffer.is_text_so_far()
    buffer.add(b"\xc3\xc3", 1, 2)
    assert not buffer.is_text_so_far()
    buffer.add(b"more", 0, 4)
    assert not buffer.is_text_so_far()


def test_many_pieces_beyond_what_is_believed_unseen():
    piece = bytes(range(256)) * 256
    buffer = PayloadBuffer()
    buffer.expect(40 * len(piece))
    for _ in range(40):
        buffer.add(piece, 0, len(piece))
    assert buffer.take() == piece * 40


def test_an_announcement_alone_costs_at_most_a_mebibyte():
    tracemalloc.start()
    try:
        buffer = PayloadBuffer()
        buffer.expect(100 << 20)
        buffer.add(b"x", 0, 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (2, 1), (0, 5)])
def test_what_is_no_slice_is_refused(start, stop):
    with pytest.raises(IndexError, match="4 bytes"):
        PayloadBuffer().add(b"abcd", start, stop)
    with pytest.raises(IndexError, match="4 bytes"):
        PayloadBuffer().add_masked(b"abcd", start, stop, 0, 0)

from __future__ import annotations

import pytest

from netloop._engine.framing import frame, frame_head, masked_frame
from netloop._engine.masking import mask

HEADS = {       # RFC 6455 section 5.2: the length takes as few bytes as it can
    0: "8200", 1: "8201", 125: "827d", 126: "827e007e", 127: "827e007f", 65535: "827effff", 65536: "827f0000000000010000",
}


@pytest.mark.parametrize("size", HEADS)
def test_a_length_takes_as_few_bytes_as_it_can(size):
    assert frame_head(0x82, size) == bytes.fromhex(HEADS[size])
    assert frame(0x82, bytes(size)) == bytes.fromhex(HEADS[size]) + bytes(size)


def test_a_head_for_more_than_four_gigabytes():
    assert frame_head(0x02, 0x123456789A) == bytes.fromhex("027f 000000123456789a")


@pytest.mark.parametrize("size", HEADS)
def test_a_masked_frame_has_the_key_after_the_length(size):
    payload = bytes(at % 251 for at in range(size))
    head = bytearray.fromhex(HEADS[size])
    head[1] |= 0x80
    whole = masked_frame(0x82, payload, 0x44332211)
    assert whole == bytes(head) + b"\x11\x22\x33\x44" + mask(payload, 0, size, 0x44332211)


def test_the_examples_of_the_rfc():
    """RFC 6455 section 5.7."""
    assert frame(0x81, b"Hello") == bytes.fromhex("810548656c6c6f")
    assert masked_frame(0x81, b"Hello", 0x3D21FA37) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert frame(0x01, b"Hel") + frame(0x80, b"lo") == bytes.fromhex("010348656c80026c6f")
    assert frame(0x89, b"Hello") == bytes.fromhex("890548656c6c6f")
    assert masked_frame(0x8A, b"Hello", 0x3D21FA37) == bytes.fromhex("8a8537fa213d7f9f4d5158")
    assert frame(0x82, bytes(256))[:4] == bytes.fromhex("827e0100")
    assert frame(0x82, bytes(65536))[:10] == bytes.fromhex("827f0000000000010000")


@pytest.mark.parametrize("payload", [None, "text", bytearray(b"x")])
def test_only_bytes_are_framed(payload):
    with pytest.raises(TypeError):
        frame(0x82, payload)
    with pytest.raises(TypeError):
        masked_frame(0x82, payload, 0)

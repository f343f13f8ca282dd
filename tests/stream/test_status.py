"""is_readable and its kin: questions about any stream."""

from __future__ import annotations

import pytest

from netloop.stream import (
    Duplex,
    PassThrough,
    Readable,
    Writable,
    is_destroyed,
    is_disturbed,
    is_errored,
    is_readable,
    is_writable,
)
from netloop.testing import in_loop, settle


@pytest.mark.parametrize("value", [None, 5, object(), "stream"], ids=repr)
def test_what_is_no_stream_is_nothing_of_the_kind(value):
    assert is_readable(value) is None
    assert is_writable(value) is None
    assert is_destroyed(value) is None
    assert is_errored(value) is False
    assert is_disturbed(value) is False


def test_a_stream_is_what_its_halves_are():
    assert (is_readable(Readable()), is_writable(Readable())) == (True, None)
    assert (is_readable(Writable()), is_writable(Writable())) == (None, True)
    assert (is_readable(PassThrough()), is_writable(PassThrough())) == (True, True)
    half = Duplex(readable=False)
    assert (is_readable(half), is_writable(half)) == (False, True)


@in_loop
async def test_a_stream_that_ended_is_neither():
    stream = PassThrough()
    stream.end(b"x")
    assert is_readable(stream)
    assert not is_writable(stream)
    assert not is_disturbed(stream)
    stream.resume()
    await settle()
    assert is_readable(stream) is False
    assert is_disturbed(stream)
    assert is_errored(stream) is False


@in_loop
async def test_a_stream_that_failed_is_errored_and_destroyed():
    stream = PassThrough()
    stream.on("error", lambda error: None)
    assert is_destroyed(stream) is False
    stream.destroy(ValueError("broken"))
    assert is_destroyed(stream) is True
    assert is_errored(stream) is True
    assert is_readable(stream) is False
    assert is_writable(stream) is False
    assert is_disturbed(stream) is True
    assert Readable.is_disturbed(stream) is True

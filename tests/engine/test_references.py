"""Objects without a dictionary of attributes, until there are some."""

from __future__ import annotations

from netloop.stream import PassThrough


def test_attributes_hung_on_a_stream_are_its_own(poller):
    first, second = PassThrough(), PassThrough()
    first.name = "first"
    assert vars(first)["name"] == "first"
    assert not hasattr(second, "name")
    assert "name" not in vars(second)
    del first.name
    assert not hasattr(first, "name")


def test_a_hook_hung_on_one_of_many_streams_is_called(poller):
    streams = [PassThrough() for _ in range(3)]
    called = []
    streams[1]._destroy = lambda error, callback: called.append(error)
    for stream in streams:
        stream.destroy()
    assert called == [None]

from __future__ import annotations

import gc
import os
import select
import socket

import pytest

from netloop._engine.poller import Handle
from netloop._engine.stream_handle import StreamHandle
from netloop.loop.loops import NativePoller


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def test_a_handle_keeps_the_loop_alive_until_it_is_closed(poller, pair):
    handle = Handle(poller, pair[0].detach())
    assert poller.refs == 1
    assert poller.handles() == [handle]
    handle.close()
    assert poller.refs == 0
    assert poller.handles() == []


def test_close_closes_the_descriptor_once(poller, pair):
    fd = pair[0].detach()
    handle = Handle(poller, fd)
    handle.close()
    assert not is_open(fd)
    assert (handle.closed, handle.fd) == (True, -1)
    reused = os.dup(pair[1].fileno())
    handle.close()
    assert is_open(reused)
    assert poller.refs == 0
    os.close(reused)


def test_detach_gives_the_descriptor_away_open_and_unwatched(poller, pair):
    fd = pair[0].detach()
    handle = StreamHandle(poller, fd)
    handle.read_start()
    poller.turn(0)
    assert handle.detach() == fd
    assert is_open(fd)
    assert (handle.closed, poller.refs) == (True, 0)
    poller.watch_foreign(fd, 1, "theirs")      # the kernel would refuse a descriptor that it watches already
    pair[1].send(b"x")
    poller.turn(1.0)
    assert poller.take_foreign() == [("theirs", 1)]
    poller.forget_foreign(fd)
    os.close(fd)


def test_detach_of_a_closed_handle_raises(poller, pair):
    handle = Handle(poller, pair[0].detach())
    handle.close()
    with pytest.raises(OSError, match="closed"):
        handle.detach()


def test_ref_and_unref_count_once_and_not_after_close(poller, pair):
    handle = Handle(poller, pair[0].detach())
    handle.unref()
    handle.unref()
    assert (poller.refs, handle.has_ref()) == (0, False)
    handle.ref()
    handle.ref()
    assert (poller.refs, handle.has_ref()) == (1, True)
    handle.unref()
    handle.close()
    handle.ref()
    handle.unref()
    assert poller.refs == 0


def test_a_negative_descriptor_is_refused(poller):
    with pytest.raises(ValueError, match="-1"):
        Handle(poller, -1)
    assert poller.refs == 0


def test_a_forgotten_handle_closes_its_descriptor_with_its_poller(pair):
    poller = NativePoller()
    fd = pair[0].detach()
    Handle(poller, fd)
    assert is_open(fd)
    poller.close()
    del poller
    gc.collect()
    assert not is_open(fd)


def test_abandon_closes_by_default(poller, pair):
    handle = Handle(poller, pair[0].detach())
    handle.on_abandon()
    assert handle.closed


def test_hold_and_release_count_as_a_handle_does(poller):
    poller.hold()
    assert poller.refs == 1
    poller.release()
    assert poller.refs == 0


def test_a_descriptor_closed_behind_its_handle_is_reported_and_the_others_are_watched(poller, pair):
    class Reader(StreamHandle):
        def on_read(self, data: bytes) -> None:
            received.append(data)

    received: list[bytes] = []
    stolen = StreamHandle(poller, os.dup(pair[1].fileno()))
    reader = Reader(poller, pair[0].detach())
    os.close(stolen.fd)
    stolen.read_start()
    reader.read_start()
    pair[1].send(b"through")
    poller.turn(1.0)
    assert received == [b"through"]
    assert [type(error) for error in poller.errors] == [OSError]
    stolen.detach()         # so that nothing closes the number, which may be somebody else's by now


def test_the_repr_says_which_descriptor(poller, pair):
    handle = Handle(poller, pair[0].detach())
    assert repr(handle) == f"<Handle fd {handle.fd}>"
    handle.close()
    assert repr(handle) == "<Handle closed>"


def test_a_poller_that_somebody_drives_tells_of_work_but_not_during_a_turn(poller):
    """`on_work` is how a foreign loop hears of what no descriptor tells."""
    calls: list[str] = []

    class Embedded(type(poller)):
        def on_work(self) -> None:
            calls.append("work")

    embedded = Embedded()
    embedded.embed()
    embedded.next_tick(embedded.next_tick, (calls.append, ("tick",)))
    assert calls == ["work"]
    embedded.turn(0)
    assert calls == ["work"]            # the turn began before the tick: only settle() and callbacks drain
    embedded.settle()
    assert calls == ["work", "tick"]
    embedded.close()


def test_an_embedded_poller_tells_the_kernel_of_changes_before_the_turn_ends(poller, pair):
    """The loop that drives it comes back only for what the kernel knows."""
    class Reader(StreamHandle):
        def on_read(self, data: bytes) -> None:
            received.append(data)

    received: list[bytes] = []
    reader = Reader(poller, pair[0].detach())
    poller.embed()
    poller.set_immediate(reader.read_start)
    poller.turn(0)
    pair[1].send(b"x")
    assert select.select([poller.fileno()], [], [], 1.0)[0]
    poller.turn(0)
    assert received == [b"x"]


def test_an_event_of_the_descriptor_that_had_the_number_before_reaches_nobody(poller):
    """Both are ready; the first that is called closes the other, and something that connects gets its number."""
    pairs = [socket.socketpair() for _ in range(2)]
    told: list[int] = []
    connecting = []

    class Connecting(StreamHandle):
        def on_connect(self, error: int) -> None:
            told.append(error)

    class Replacing(StreamHandle):
        def on_read(self, data: bytes) -> None:
            other, = {*poller.handles()} - {self}
            fd = other.fd
            other.close()
            connecting.append(Connecting(poller, socket.socket().detach()))
            assert connecting[0].fd == fd
            connecting[0].wait_connect()

    for ours, peer in pairs:
        ours.setblocking(False)
        Replacing(poller, ours.detach()).read_start()
        peer.send(b"x")
    poller.turn(1.0)
    assert len(connecting) == 1
    assert told == []
    for _, peer in pairs:
        peer.close()

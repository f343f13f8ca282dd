"""What the listeners of a group of handles write is short, and waits for the last of them: nothing of it is lost.

A handle may have something to do with what arrived for a group, or is to leave, that all of them do in a row.  What is done
in stages goes on when all listeners of the group were called.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netloop._engine.poller import Continuation, proceed_later
from netloop._engine.stream_handle import StreamHandle

SHORT = bytes(range(256)) * 16          # short enough to wait
LONG = bytes(range(256)) * 64           # too long to wait


class Answering(StreamHandle):
    """Calls `then` when something arrives."""

    def __init__(self, poller: Any, fd: int) -> None:
        super().__init__(poller, fd)
        self.then: Callable[[], object] = lambda: None
        self.unpack: Callable[[bytes], bytes] = lambda data: data
        self.pack: Callable[[], object] = lambda: None
        self.arrived: list[bytes] = []
        self.failures: list[tuple[int, str]] = []
        self.flushed = False

    def on_unpack(self, data: bytes) -> bytes:
        return self.unpack(data)

    def on_read(self, data: bytes) -> None:
        self.arrived.append(data)
        self.then()

    def on_pack(self) -> None:
        self.pack()

    def on_flush(self) -> None:
        self.flushed = True

    def on_error(self, error: int, syscall: str) -> None:
        self.failures.append((error, syscall))


class Group:
    """Some handles that become ready in one turn, and their peers."""

    def __init__(self, poller: Any) -> None:
        self.poller = poller
        self.handles: list[Answering] = []
        self.peers: list[socket.socket] = []

    def add(self) -> None:
        ours, peer = socket.socketpair()
        ours.setblocking(False)
        peer.setblocking(False)
        handle = Answering(self.poller, ours.detach())
        handle.read_start()
        self.handles.append(handle)
        self.peers.append(peer)

    def ask(self, *answers: Callable[[], object]) -> None:
        """Have the handles answer in one turn, in this order."""
        answering = iter(answers)
        for handle, peer in zip(self.handles, self.peers, strict=True):
            handle.then = lambda: next(answering)()
            peer.send(b"?")
        self.poller.turn(1.0)
        assert next(answering, None) is None        # all were called

    def received(self, number: int) -> bytes:
        """What the peer can read now."""
        pieces = bytearray()
        try:
            while piece := self.peers[number].recv(1 << 20):
                pieces += piece
        except BlockingIOError:
            pass
        return bytes(pieces)


@pytest.fixture
def group(poller: Any) -> Iterator[Group]:
    group = Group(poller)
    poller.longest_wait = 3600 * 10**9      # however busy the machine is
    for _ in range(3):
        group.add()
    yield group
    for peer in group.peers:
        peer.close()


def nothing() -> None:
    pass


def test_what_is_written_leaves_after_the_last_listener(group):
    seen = []
    group.ask(lambda: seen.append(group.handles[0].try_write(b"answer")),
              lambda: seen.append(group.received(0)),
              lambda: seen.append(group.received(0)))
    assert seen == [6, b"", b""]
    assert group.received(0) == b"answer"
    assert group.handles[0].unsent() == 0


def test_one_handle_alone_writes_at_once(poller, group):
    seen = []
    handle, peer = group.handles[0], group.peers[0]
    handle.then = lambda: (handle.try_write(b"answer"), seen.append(group.received(0)))
    peer.send(b"?")
    poller.turn(1.0)
    assert seen == [b"answer"]


def test_a_listener_that_takes_long_keeps_nobody_waiting(poller, group):
    seen = []
    poller.longest_wait = 1000

    def take_long() -> None:
        end = time.monotonic_ns() + 1000
        while time.monotonic_ns() <= end:
            pass

    group.ask(lambda: group.handles[0].try_write(b"answer"), take_long, lambda: seen.append(group.received(0)))
    assert seen == [b"answer"]


def test_writes_to_one_handle_leave_in_their_order(group):
    handle = group.handles[0]
    pieces = [b"%d," % number for number in range(20)]

    def write(pieces: list[bytes]) -> None:
        for piece in pieces:
            if not handle.try_write(piece):
                assert handle.write([piece]) == 1

    group.ask(lambda: write(pieces[:3]), lambda: write([*pieces[3:], LONG]), lambda: write([b"end"]))
    assert group.received(0) == b"".join(pieces) + LONG + b"end"


def test_a_handle_that_is_closed_sends_first(group):
    handle = group.handles[0]
    group.ask(lambda: handle.try_write(b"farewell"), handle.close, nothing)
    assert group.received(0) == b"farewell"
    assert group.peers[0].recv(1) == b""


def test_a_handle_that_is_reset_drops_it(poller, listener, group):
    peer = socket.create_connection(listener.getsockname())
    with peer:
        listener.setblocking(True)
        handle = StreamHandle(poller, listener.accept()[0].detach())
        group.ask(lambda: handle.try_write(b"never sent"), handle.reset, nothing)
        with pytest.raises(ConnectionResetError):
            peer.recv(100)


def test_what_the_kernel_refuses_then_goes_before_what_follows(poller, group):
    handle = group.handles[0]
    before = 0
    while (taken := handle.try_write(LONG)) == len(LONG):
        before += taken
    before += taken
    group.ask(lambda: handle.try_write(SHORT), nothing, nothing)
    assert handle.unsent() == len(SHORT)
    assert handle.try_write(b"refused") == 0
    assert handle.write([b"follows"]) == 0
    received = bytearray()

    def flushed() -> bool:
        received.extend(group.received(0))
        return handle.flushed

    poller.run_until(flushed)
    received += group.received(0)
    assert received[before:] == SHORT + b"follows"
    assert handle.unsent() == 0


def test_a_peer_that_is_gone_is_told_as_an_error(group):
    group.ask(lambda: group.handles[0].try_write(b"to nobody"), group.peers[0].close, nothing)
    assert group.handles[0].failures == [(errno.EPIPE, "write")]
    assert group.handles[0].unsent() == 0


class Interruption(BaseException):
    """What no loop catches."""


def test_a_turn_that_is_interrupted_sends_what_was_written(group):
    def interrupt() -> None:
        raise Interruption

    with pytest.raises(Interruption):
        group.ask(lambda: group.handles[0].try_write(b"answer"), interrupt, nothing)
    assert group.received(0) == b"answer"


def test_an_error_of_one_departure_stops_no_other(poller, group):
    first, second = group.handles[:2]

    def fail(error: int, syscall: str) -> None:
        raise LookupError(syscall)

    first.on_error = fail
    group.ask(lambda: first.try_write(b"to nobody"), lambda: (second.try_write(b"answer"), group.peers[0].close()), nothing)
    assert [type(error) for error in poller.errors] == [LookupError]
    assert group.received(1) == b"answer"


def test_what_a_departure_causes_is_done_in_the_same_turn(poller, group):
    first = group.handles[0]
    log = []
    first.on_error = lambda error, syscall: poller.next_tick(log.append, ("told",))
    group.ask(lambda: first.try_write(b"to nobody"), group.peers[0].close, nothing)
    assert log == ["told"]


# --- packing and unpacking ----------------------------------------------------------------------------------------

def test_all_unpack_before_the_first_listener_is_called(poller, group):
    log = []
    group.ask(nothing, nothing, nothing)            # from now on they are known to get short chunks
    for handle in group.handles:
        handle.unpack = lambda data: (log.append("unpack"), data * 2)[1]
        handle.unpack_early()
    group.ask(*[lambda: log.append("listener")] * 3)
    assert log == ["unpack"] * 3 + ["listener"] * 3
    assert [handle.arrived for handle in group.handles] == [[b"?", b"??"]] * 3


def test_nothing_is_unpacked_that_arrives_for_one_alone(poller, group):
    handle, peer = group.handles[0], group.peers[0]
    handle.unpack = lambda data: b"unpacked"
    handle.unpack_early()
    for _ in range(2):
        peer.send(b"?")
        poller.turn(1.0)
    assert handle.arrived == [b"?", b"?"]


def test_an_error_of_one_that_unpacks_stops_no_other(poller, group):
    def fail(data: bytes) -> bytes:
        raise LookupError("unpack")

    group.ask(nothing, nothing, nothing)
    for handle, unpack in zip(group.handles, (bytes.lower, fail, lambda data: b"unpacked"), strict=True):
        handle.unpack = unpack
        handle.unpack_early()
    group.ask(nothing, nothing, nothing)
    assert [type(error) for error in poller.errors] == [LookupError]
    assert group.handles[2].arrived == [b"?", b"unpacked"]


def test_what_is_packed_leaves_with_what_others_wrote(group):
    log = []
    first, second = group.handles[:2]
    first.pack = lambda: (log.append(group.received(1)), first.try_write(b"packed"))
    group.ask(lambda: log.append(first.pack_later()),
              lambda: second.try_write(b"answer"),
              lambda: log.append(first.pack_later()))
    assert log == [True, True, b""]                 # it is called once, and before anything leaves
    assert [group.received(0), group.received(1)] == [b"packed", b"answer"]


def test_one_handle_alone_has_nothing_to_wait_for(poller, group):
    handle, peer = group.handles[0], group.peers[0]
    seen = []
    handle.then = lambda: seen.append(handle.pack_later())
    peer.send(b"?")
    poller.turn(1.0)
    assert seen == [False]
    assert handle.pack_later() is False             # nor outside a turn


def test_slow_listeners_keep_nobody_from_packing(poller, group):
    seen = []
    first = group.handles[0]
    poller.longest_wait = -1
    first.pack = lambda: first.try_write(b"packed")
    group.ask(first.pack_later, lambda: seen.append(group.received(0)), nothing)
    assert seen == [b"packed"]


def test_a_handle_that_is_closed_does_not_pack(group):
    log = []
    first = group.handles[0]
    first.pack = lambda: log.append("packed")
    group.ask(first.pack_later, first.close, nothing)
    assert log == []


def test_an_error_of_one_that_packs_stops_no_other(poller, group):
    def fail() -> None:
        raise LookupError("pack")

    first, second = group.handles[:2]
    first.pack = fail
    second.pack = lambda: second.try_write(b"packed")
    group.ask(first.pack_later, second.pack_later, nothing)
    assert [type(error) for error in poller.errors] == [LookupError]
    assert group.received(1) == b"packed"
    group.ask(second.pack_later, nothing, nothing)
    assert group.received(1) == b"packed"


def test_what_packing_causes_is_packed_in_the_same_turn(poller, group):
    first, second = group.handles[:2]
    first.pack = lambda: poller.next_tick(second.pack_later)
    second.pack = lambda: second.try_write(b"packed")
    group.ask(first.pack_later, nothing, nothing)
    assert group.received(1) == b"packed"


def test_a_turn_that_is_interrupted_packs(group):
    def interrupt() -> None:
        raise Interruption

    first = group.handles[0]
    first.pack = lambda: first.try_write(b"packed")
    with pytest.raises(Interruption):
        group.ask(first.pack_later, interrupt, nothing)
    assert group.received(0) == b"packed"


def test_packing_that_is_interrupted_goes_on_with_the_others(group):
    def interrupt() -> None:
        raise Interruption

    first, second = group.handles[:2]
    first.pack = interrupt
    second.pack = lambda: second.try_write(b"packed")
    with pytest.raises(Interruption):
        group.ask(first.pack_later, second.pack_later, nothing)
    assert group.received(1) == b"packed"


# --- stages -------------------------------------------------------------------------------------------------------

class Stages(Continuation):
    """Something of several stages, each a call of the next one of `stages`; all but the first wait."""

    def __init__(self, poller: Any, *stages: Callable[[], object]) -> None:
        self.poller = poller
        self.stages = iter(stages)

    def proceed(self) -> None:
        if (stage := next(self.stages, None)) is not None:
            stage()
            assert proceed_later(self.poller, self)


def test_each_stage_begins_when_the_one_before_is_over(poller, group):
    log = []
    several = [Stages(poller, *[lambda number=number, stage=stage: log.append((stage, number)) for stage in range(3)])
               for number in range(3)]
    group.ask(*[stages.proceed for stages in several])
    assert log == [(stage, number) for stage in range(3) for number in range(3)]


def test_what_stages_write_leaves_together(poller, group):
    seen = []
    first, second = group.handles[:2]
    group.ask(Stages(poller, nothing, lambda: first.try_write(b"one")).proceed,
              Stages(poller, nothing, lambda: (second.try_write(b"two"), seen.append(group.received(0)))).proceed,
              nothing)
    assert seen == [b""]
    assert [group.received(0), group.received(1)] == [b"one", b"two"]


def test_a_slow_stage_keeps_no_write_waiting(poller, group):
    seen = []
    poller.longest_wait = -1
    group.ask(Stages(poller, nothing, lambda: group.handles[0].try_write(b"answer")).proceed,
              Stages(poller, nothing, lambda: seen.append(group.received(0))).proceed, nothing)
    assert seen == [b"answer"]


def test_ticks_run_before_the_next_stage(poller, group):
    log = []
    group.ask(Stages(poller, nothing, lambda: poller.next_tick(log.append, ("tick",))).proceed,
              Stages(poller, nothing, lambda: log.append("stage")).proceed, nothing)
    assert log == ["tick", "stage"]


def test_there_are_no_stages_for_one_handle_alone(poller, group):
    handle, peer = group.handles[0], group.peers[0]
    seen = []
    handle.then = lambda: seen.append(proceed_later(poller, Stages(poller, nothing)))
    peer.send(b"?")
    poller.turn(1.0)
    assert seen == [False]
    assert proceed_later(poller, Stages(poller, nothing)) is False          # nor outside a turn


def test_what_waits_already_proceeds_once(poller, group):
    log = []
    stages = Stages(poller, lambda: log.append("once"))

    def wait_twice() -> None:
        assert proceed_later(poller, stages)
        assert proceed_later(poller, stages)

    group.ask(wait_twice, nothing, lambda: log.append("listener"))
    assert log == ["listener", "once"]


def test_an_error_of_one_stage_stops_no_other(poller, group):
    def fail() -> None:
        raise LookupError("stage")

    log = []
    group.ask(Stages(poller, nothing, fail).proceed, Stages(poller, nothing, lambda: log.append("stage")).proceed, nothing)
    assert [type(error) for error in poller.errors] == [LookupError]
    assert log == ["stage"]


def test_stages_that_are_interrupted_go_on_in_the_next_turn(poller, group):
    def interrupt() -> None:
        raise Interruption

    log = []
    with pytest.raises(Interruption):
        group.ask(Stages(poller, nothing, interrupt).proceed, Stages(poller, nothing, lambda: log.append("stage")).proceed,
                  nothing)
    assert log == []
    assert poller.has_work()
    poller.turn(1.0)
    assert log == ["stage"]


def test_no_stage_begins_once_the_loop_is_halted(poller, group):
    log = []
    group.ask(Stages(poller, nothing, poller.halt).proceed, Stages(poller, nothing, lambda: log.append("stage")).proceed,
              nothing)
    assert log == []
    poller.halt(False)
    poller.turn(1.0)
    assert log == ["stage"]


def test_a_loop_that_is_cleared_forgets_stages(poller, group):
    log = []
    stages = Stages(poller, poller.halt, lambda: log.append("stage"))
    other = Stages(poller, nothing, stages.proceed)
    group.ask(other.proceed, nothing, nothing)
    assert poller.has_work()
    poller.clear()
    poller.halt(False)
    assert not poller.has_work()
    poller.turn(0.0)
    assert log == []


def test_what_was_received_before_the_loop_was_halted_is_not_lost_to_what_comes_after_it(poller, group):
    pieces = [b"small,", b"first,", b"second"]  # after something small the next is received for all, then told to each
    for piece in pieces:
        group.handles[0].then = poller.halt if piece == b"first," else nothing
        for peer in group.peers:
            peer.send(piece)
        poller.turn(1.0)
        poller.halt(False)
    poller.run_until(lambda: all(b"".join(handle.arrived).endswith(pieces[-1]) for handle in group.handles))
    assert [b"".join(handle.arrived) for handle in group.handles] == [b"".join(pieces)] * 3


def test_a_socket_that_is_full_of_bytes_is_read_in_large_chunks_also_after_a_small_one(poller, group):
    def arrive(data: bytes) -> None:
        for handle, peer in zip(group.handles, group.peers, strict=True):
            handle.arrived.clear()
            peer.sendall(data)
        poller.run_until(lambda: all(len(b"".join(handle.arrived)) == len(data) for handle in group.handles))

    arrive(SHORT)
    arrive(bytes(150_000))
    assert all(max(map(len, handle.arrived)) > 40_000 for handle in group.handles)

"""DatagramHandle: batches in and out, a full kernel buffer, and what close does, without loop and emitters."""

from __future__ import annotations

import errno
import socket
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netloop._engine.datagram_batch import new_departure
from netloop._engine.datagram_handle import DatagramHandle
from netloop._engine.peers import find_peer
from netloop.loop.loops import NativePoller

LOOPBACK = "127.0.0.1"
INET = int(socket.AF_INET)
SO_NO_CHECK = 11


class RecordingPoller(NativePoller):
    """One for each example of a law; the fixture `poller` lasts for all of them."""

    def report(self, error):
        raise error


class Recorder(DatagramHandle):
    """Keeps what its hooks are told."""

    def __init__(self, poller, fd):
        super().__init__(poller, fd)
        self.messages, self.departed, self.errors = [], [], []
        self.then = None

    def on_message(self, message, sender):
        self.messages.append((message, sender))
        if self.then is not None:
            self.then()

    def on_departed(self, departure):
        self.departed.append((departure.message, departure.error))

    def on_error(self, error, syscall):
        self.errors.append((error, syscall))


@pytest.fixture
def handle(poller):
    handle = Recorder(poller, _descriptor(socket.AF_INET))
    assert handle.bind(find_peer(LOOPBACK, 0, INET)) == 0
    handle.read_start()
    return handle


@pytest.fixture
def peer():
    with _peer() as peer:
        yield peer


def _peer():
    peer = socket.socket(type=socket.SOCK_DGRAM)
    peer.bind((LOOPBACK, 0))
    peer.settimeout(10)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    return peer


def _descriptor(family):
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made.detach()


def name_of(handle):
    borrowed = socket.socket(fileno=handle.fd)
    try:
        return borrowed.getsockname()
    finally:
        borrowed.detach()


def to(peer, message, listener=True):
    return new_departure(None, message, find_peer(*peer.getsockname(), INET), listener)


# --- receiving ------------------------------------------------------------------------------------------------

def test_one_turn_receives_one_batch(poller, handle, peer):
    for number in range(100):
        peer.sendto(b"%d" % number, name_of(handle))
    poller.settle()
    poller.turn(0)
    assert [int(message) for message, _ in handle.messages] == list(range(64))
    poller.turn(0)
    assert [int(message) for message, _ in handle.messages] == list(range(100))
    assert {sender[:3] for _, sender in handle.messages} == {(LOOPBACK, "IPv4", peer.getsockname()[1])}


def test_handle_that_stops_reading_leaves_the_rest_to_the_kernel(poller, handle, peer):
    handle.read_stop()
    peer.sendto(b"x", name_of(handle))
    poller.turn(0)
    assert handle.messages == []
    handle.read_start()
    poller.run_until(lambda: handle.messages)


def test_hook_that_closes_ends_the_batch(poller, handle, peer):
    for _ in range(3):
        peer.sendto(b"x", name_of(handle))
    handle.then = handle.close
    poller.turn(0)
    poller.turn(0)
    assert len(handle.messages) == 1


def test_hook_that_raises_is_reported_and_the_batch_goes_on(poller, handle, peer):
    def fail():
        raise ValueError

    handle.then = fail
    for _ in range(3):
        peer.sendto(b"x", name_of(handle))
    poller.turn(0)
    assert len(handle.messages) == 3
    assert [type(error) for error in poller.errors] == [ValueError] * 3


def test_halted_poller_ends_the_batch(poller, handle, peer):
    handle.then = poller.halt
    for _ in range(3):
        peer.sendto(b"x", name_of(handle))
    poller.turn(0)
    assert len(handle.messages) == 1
    poller.halt(False)


# --- sending --------------------------------------------------------------------------------------------------

def test_departures_leave_after_the_poller_has_looked(poller, handle, peer):
    assert handle.send(to(peer, b"one")) == 0
    assert handle.send(to(peer, b"three")) == 0
    assert (handle.queued(), handle.queued_bytes, handle.departed) == (2, 8, [])
    poller.turn(0)
    assert (handle.queued(), handle.queued_bytes) == (0, 0)
    assert handle.departed == [(b"one", 0), (b"three", 0)]
    assert [peer.recv(9), peer.recv(9)] == [b"one", b"three"]


@given(st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1, 2, 64, 1000, 1400, 1401, 5000])), max_size=130))
@example([(0, 64)] * 128)
@example([(0, 1000)] * 128)
@example([(0, 1400)] * 40 + [(0, 64)] * 3 + [(1, 64)] * 70)
@settings(max_examples=50)
def test_any_burst_arrives_as_it_was_sent(burst):
    """However messages of one size to one peer are put together on the way."""
    poller = RecordingPoller()
    handle = Recorder(poller, _descriptor(socket.AF_INET))
    handle.bind(find_peer(LOOPBACK, 0, INET))
    with _peer() as first, _peer() as second:
        peers = first, second
        for number, (index, size) in enumerate(burst):
            handle.send(to(peers[index], (b"%3d" % number * 2000)[:size]))
        poller.settle()
        poller.turn(0)
        assert [error for _, error in handle.departed] == [0] * len(burst)
        for index, peer in enumerate(peers):
            expected = [(b"%3d" % number * 2000)[:size] for number, (to_index, size) in enumerate(burst) if to_index == index]
            assert [peer.recv(6000) for _ in expected] == expected
    handle.close()
    poller.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux puts them together")
def test_system_that_cannot_put_them_together_gets_them_one_by_one(poller, handle, peer):
    borrowed = socket.socket(fileno=handle.fd)
    borrowed.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)       # without checksums it refuses
    borrowed.detach()
    for number in range(10):
        handle.send(to(peer, b"%d" % number))
    poller.turn(0)
    assert [peer.recv(9) for _ in range(10)] == [b"%d" % number for number in range(10)]
    assert handle.departed == [(b"%d" % number, 0) for number in range(10)]


def test_only_those_with_a_listener_are_told_unless_they_fail(poller, handle, peer):
    departures = [to(peer, b"quiet", None), to(peer, bytes(65508), None), to(peer, b"heard")]
    for departure in departures:
        handle.send(departure)
    poller.turn(0)
    assert handle.departed == [(bytes(65508), errno.EMSGSIZE), (b"heard", 0)]
    assert [departure.done for departure in departures] == [True] * 3


def test_collected_departures_leave_before_close(poller, handle, peer):
    handle.send(to(peer, b"last words"))
    handle.close()
    assert peer.recv(99) == b"last words"
    assert handle.departed == [(b"last words", 0)]
    poller.turn(0)
    assert handle.close() == 0


def test_connected_handle_needs_no_peer(poller, handle, peer):
    assert handle.connect(find_peer(*peer.getsockname(), INET)) == 0
    handle.send(new_departure(None, b"x", None, None))
    poller.turn(0)
    assert peer.recv(9) == b"x"
    port = name_of(handle)[1]
    assert handle.disconnect() == 0
    assert name_of(handle) == (LOOPBACK, port)


def test_icmp_error_is_told_once(poller, handle):
    with socket.socket(type=socket.SOCK_DGRAM) as gone:
        gone.bind((LOOPBACK, 0))
        where = gone.getsockname()
    handle.connect(find_peer(*where, INET))
    handle.send(new_departure(None, b"x", None, None))
    poller.run_until(lambda: handle.errors)
    for _ in range(3):
        poller.turn(0)
    assert handle.errors == [(errno.ECONNREFUSED, "recvmsg")]


def test_what_the_kernel_refuses_waits_and_then_is_cancelled_or_sent(poller, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as slow:
        slow.bind(str(tmp_path / "slow"))
        handle = Recorder(poller, _descriptor(socket.AF_UNIX))
        peer = find_peer(str(tmp_path / "slow"), 0, int(socket.AF_UNIX))
        refs = poller.refs
        for number in range(1000):
            handle.send(new_departure(None, b"%d" % number, peer, True))
        queued = handle.queued()
        assert 0 < queued < 1000
        assert poller.refs >= refs + 1
        got = [slow.recv(9) for _ in range(len(handle.departed))]
        poller.run_until(lambda: handle.queued() < queued)
        got += [slow.recv(9) for _ in range(len(handle.departed) - len(got))]
        assert got == [b"%d" % number for number in range(len(got))]
        rest = handle.queued()
        for _ in range(2):
            poller.turn(0)          # the kernel says that it is writable, and refuses all the same
        handle.close()
        assert [error for _, error in handle.departed].count(errno.ECANCELED) >= min(rest, 1)
        assert len(handle.departed) == 1000
    assert poller.refs == refs - 1


def test_queue_has_a_bound(poller, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as slow:
        slow.bind(str(tmp_path / "slow"))
        handle = Recorder(poller, _descriptor(socket.AF_UNIX))
        peer = find_peer(str(tmp_path / "slow"), 0, int(socket.AF_UNIX))
        results = [handle.send(new_departure(None, b"", peer, None)) for _ in range(20000)]
        assert handle.queued() == 16384
        assert results[-1] == -errno.ENOBUFS
        assert results.count(0) > 16384
        handle.close()


# --- peers ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("address", "port", "family", "found"), [
    (LOOPBACK, 80, socket.AF_INET, ("IPv4", 80)), ("::1", 0, socket.AF_INET6, ("IPv6", 0)),
    ("fe80::1%lo", 65535, socket.AF_INET6, ("IPv6", 65535)), ("fe80::1%1", 1, socket.AF_INET6, ("IPv6", 1)),
    ("/tmp/x", 0, socket.AF_UNIX, ("unix", 0)), ("\0x", 0, socket.AF_UNIX, ("unix", 0)),
    ("\0" + "x" * 107, 0, socket.AF_UNIX, ("unix", 0)), ("x" * 107, 0, socket.AF_UNIX, ("unix", 0)),
    ("::1", 80, socket.AF_INET, None), (LOOPBACK, 80, socket.AF_INET6, None), ("localhost", 80, socket.AF_INET, None),
    ("127.0.0.1\0", 80, socket.AF_INET, None), ("grüße", 80, socket.AF_INET6, None), ("x" * 99, 80, socket.AF_INET6, None),
    ("fe80::1%nowhere", 1, socket.AF_INET6, None), ("", 0, socket.AF_INET, None),
    (LOOPBACK, -1, socket.AF_INET, None), (LOOPBACK, 65536, socket.AF_INET, None), (LOOPBACK, 2**80, socket.AF_INET, None),
    ("", 0, socket.AF_UNIX, None), ("x" * 108, 0, socket.AF_UNIX, None), ("\0" + "x" * 108, 0, socket.AF_UNIX, None)])
def test_find_peer(address, port, family, found):
    for _ in range(2):              # looked for, then remembered
        peer = find_peer(address, port, int(family))
        assert (peer and (peer.family, peer.port)) == found
        assert peer is None or peer.address == address


def test_port_of_another_type_is_an_error():
    with pytest.raises(TypeError):
        find_peer(LOOPBACK, "80", INET)

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

from netloop._engine.stream_handle import StreamHandle

LARGE = 1 << 20     # more than the socket buffers hold


class Recorded(StreamHandle):
    """Keeps what its hooks were told."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.log: list[Any] = []

    def on_connect(self, error: int) -> None:
        self.log.append(("connect", error))

    def on_read(self, data: bytes) -> None:
        self.log.append(data)

    def on_read_into(self, size: int) -> None:
        self.log.append(size)

    def on_end(self) -> None:
        self.log.append("end")

    def on_flush(self) -> None:
        self.log.append("flush")

    def on_error(self, error: int, syscall: str) -> None:
        self.log.append((errno.errorcode[error], syscall))


@pytest.fixture
def handle(poller, pair):
    return Recorded(poller, pair[0].detach())


@pytest.fixture
def peer(pair):
    return pair[1]


def drain(peer: socket.socket) -> int:
    """Read what is there; how many bytes that was."""
    size = 0
    while True:
        try:
            size += len(peer.recv(LARGE))
        except BlockingIOError:
            return size


# --- receiving ----------------------------------------------------------------------------------------------

def test_nothing_is_received_before_read_start(poller, handle, peer):
    peer.send(b"early")
    poller.turn(0)
    assert handle.log == []
    handle.read_start()
    poller.turn(1.0)
    assert handle.log == [b"early"]


def test_read_stop_in_the_hook_is_obeyed_before_the_next_chunk(poller, handle, peer):
    handle.on_read = lambda data: (handle.log.append(data), handle.read_stop())
    handle.read_start()
    peer.send(b"one")
    poller.turn(1.0)
    peer.send(b"two")
    poller.turn(0)
    assert handle.log == [b"one"]


def test_end_comes_once_after_the_data(poller, handle, peer):
    handle.read_start()
    peer.send(b"last words")
    peer.close()
    poller.run_until(lambda: "end" in handle.log)
    poller.turn(0)
    assert handle.log == [b"last words", "end"]


def test_large_chunks_and_the_small_ones_after_them_arrive_unchanged(poller, handle, peer):
    handle.read_start()
    sent = bytes(range(256)) * 256 + b"small"
    for piece in (sent[:40_000], sent[40_000:65_536], sent[65_536:]):
        peer.send(piece)
        poller.run_until(lambda: handle.log)
        poller.turn(0)
    assert b"".join(handle.log) == sent
    assert handle.log[-1] == b"small"


def test_receive_into_fills_the_buffer_of_the_caller(poller, handle, peer):
    buffer = bytearray(4)
    handle.receive_into(buffer)
    handle.read_start()
    peer.send(b"abcdef")
    poller.turn(1.0)
    assert (handle.log, bytes(buffer)) == ([4], b"abcd")
    poller.turn(1.0)
    assert (handle.log, bytes(buffer)) == ([4, 2], b"efcd")


def test_receive_into_none_goes_back_to_chunks(poller, handle, peer):
    handle.receive_into(bytearray(4))
    handle.receive_into(None)
    handle.read_start()
    peer.send(b"chunk")
    poller.turn(1.0)
    assert handle.log == [b"chunk"]


def test_a_buffer_that_cannot_be_written_is_reported(poller, handle, peer):
    handle.receive_into(b"constant")
    handle.read_start()
    peer.send(b"x")
    poller.turn(1.0)
    assert [type(error) for error in poller.errors] == [BufferError]


def test_a_reset_is_an_error_of_read(poller, handle, peer):
    handle.try_write(b"never read")
    handle.read_start()
    peer.close()                # with data unread: the kernel resets
    poller.turn(1.0)
    poller.turn(0)
    assert handle.log == [("ECONNRESET", "read")]


def test_what_the_hook_raises_is_reported_and_the_next_chunk_comes(poller, handle, peer):
    def fail(data: bytes) -> None:
        handle.log.append(data)
        raise ValueError(data)

    handle.on_read = fail
    handle.read_start()
    for chunk in (b"one", b"two"):
        peer.send(chunk)
        poller.turn(1.0)
    assert handle.log == [b"one", b"two"]
    assert [type(error) for error in poller.errors] == [ValueError, ValueError]


def test_close_in_the_hook_is_the_end_of_the_events(poller, handle, peer):
    handle.on_read = lambda data: handle.close()
    handle.read_start()
    handle.write([bytes(LARGE)])
    peer.send(b"x")
    drain(peer)                 # readable and writable in one event
    poller.turn(1.0)
    poller.turn(0)
    assert handle.closed
    assert handle.log == []


# --- sending ------------------------------------------------------------------------------------------------

def test_try_write_gives_to_the_kernel_at_once(handle, peer):
    assert handle.try_write(b"at once") == 7
    assert peer.recv(100) == b"at once"


def test_write_of_a_list_arrives_in_one_piece(handle, peer):
    assert handle.write([b"head", b"", b"body"]) == 1
    assert peer.recv(100) == b"headbody"
    assert handle.unsent() == 0


def test_write_of_nothing_is_done(handle):
    assert handle.write([]) == 1
    assert handle.write([b""]) == 1


def test_write_of_more_pieces_than_one_call_takes(handle, peer):
    pieces = [bytes([number]) for number in range(200)]
    assert handle.write(list(pieces)) == 1
    assert peer.recv(1000) == b"".join(pieces)


def test_what_the_kernel_refuses_is_kept_and_flushed_in_order(poller, handle, peer):
    pieces = [bytes([number]) * 50_000 for number in range(40)]
    assert handle.write(list(pieces)) == 0
    received = b""
    while "flush" not in handle.log:
        received += peer.recv(LARGE)
        poller.turn(0)
    received += peer.recv(LARGE)
    assert received == b"".join(pieces)
    assert handle.log == ["flush"]


def test_unsent_is_what_the_kernel_did_not_take(handle, peer):
    assert handle.write([bytes(LARGE), bytes(LARGE)]) == 0
    assert handle.unsent() == 2 * LARGE - drain(peer)


def test_try_write_waits_behind_a_list_that_is_under_way(handle, peer):
    handle.write([bytes(LARGE)])
    drain(peer)
    assert handle.try_write(b"too early") == 0


def test_nothing_is_flushed_twice(poller, handle, peer):
    handle.write([bytes(LARGE)])
    while "flush" not in handle.log:
        drain(peer)
        poller.turn(0)
    for _ in range(3):
        poller.turn(0)
    assert handle.log == ["flush"]


def test_a_broken_connection_is_a_negative_errno_at_once(handle, peer):
    peer.close()
    assert handle.try_write(b"x") == -errno.EPIPE
    assert handle.write([b"x"]) == -errno.EPIPE
    assert handle.unsent() == 0


def test_a_connection_that_breaks_while_flushing_is_an_error_of_write(poller, handle, peer):
    handle.write([bytes(LARGE)])
    peer.close()
    poller.turn(1.0)
    poller.turn(0)
    assert len(handle.log) == 1
    assert handle.log[0] in [("EPIPE", "write"), ("ECONNRESET", "write")]
    assert handle.unsent() == 0


def test_only_bytes_are_pieces(handle):
    with pytest.raises(TypeError, match="bytearray"):
        handle.write([b"x", bytearray(b"y")])


def test_shutdown_ends_our_half_and_the_other_goes_on(poller, handle, peer):
    assert handle.shutdown() == 0
    assert peer.recv(10) == b""
    handle.read_start()
    peer.send(b"still there")
    poller.turn(1.0)
    assert handle.log == [b"still there"]


def test_a_closed_handle_answers_with_an_errno(handle):
    handle.close()
    assert handle.try_write(b"x") == -errno.EBADF
    assert handle.write([b"x"]) == -errno.EBADF
    assert handle.shutdown() == -errno.EBADF
    handle.read_start()
    handle.read_stop()


# --- opening and ending -------------------------------------------------------------------------------------

def connecting(poller, address: Any) -> Recorded:
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(address)
    handle = Recorded(poller, client.detach())
    handle.wait_connect()
    return handle


def test_connect_tells_that_the_connection_is_there(poller, listener):
    handle = connecting(poller, listener.getsockname())
    poller.turn(1.0)
    poller.turn(0)
    assert handle.log == [("connect", 0)]


def test_connect_tells_why_it_failed(poller):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))           # bound, and nobody listens
        handle = connecting(poller, unused.getsockname())
        poller.turn(1.0)
    assert handle.log == [("connect", errno.ECONNREFUSED)]


def test_reset_makes_the_peer_see_a_broken_connection(poller, listener):
    with socket.create_connection(listener.getsockname()) as peer:
        handle = Recorded(poller, listener.accept()[0].detach())
        handle.reset()
        assert handle.closed
        with pytest.raises(ConnectionResetError):
            peer.recv(1)


def test_set_option_sets_it_or_answers_with_an_errno(poller, listener):
    with socket.create_connection(listener.getsockname()) as peer:
        handle = Recorded(poller, listener.accept()[0].detach())
        assert handle.set_option(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) == 0
        assert handle.set_option(socket.IPPROTO_TCP, 99_999, 1) == -errno.ENOPROTOOPT
        assert peer.fileno() >= 0

"""tcp_info: what the Linux kernel knows of a TCP connection."""

from __future__ import annotations

import socket
import struct
import sys
from typing import NamedTuple

from ..errors import system_error, unavailable

__all__ = ["TCPInfo", "read"]

_STATES = ("", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait",
           "last_ack", "listen", "closing", "new_syn_recv")
# struct tcp_info of <linux/tcp.h>: eight bytes of flags, 24 counters of 32 bits, then 64-bit ones that came with time
_HEAD = struct.Struct("=8B24I")
_TAIL = struct.Struct("=4Q")


class TCPInfo(NamedTuple):
    """A snapshot of a TCP connection.  Times are microseconds, sizes bytes, windows segments where it says so."""

    state: str              # "established", "close_wait", ...
    retransmits: int        # timeouts in a row without an answer
    rto: int                # retransmission timeout, us
    snd_mss: int            # largest segment sent, bytes
    rcv_mss: int            # largest segment received, bytes
    unacked: int            # segments on their way
    sacked: int
    lost: int               # segments thought lost
    retrans: int            # segments being sent again
    pmtu: int               # path MTU, bytes
    rtt: int                # smoothed round-trip time, us
    rttvar: int             # its variation, us
    snd_ssthresh: int       # slow-start threshold, segments
    snd_cwnd: int           # congestion window, segments
    advmss: int             # bytes
    reordering: int
    rcv_rtt: int            # the receiver's estimate, us
    rcv_space: int          # receive buffer in use, bytes
    total_retrans: int      # segments sent again since the beginning
    bytes_acked: int
    bytes_received: int


def read(fd: int) -> TCPInfo:
    """Ask the kernel about the connection behind a descriptor."""
    if sys.platform != "linux":
        raise unavailable("tcp_info()", "only Linux has it")
    python_socket = socket.socket(fileno=fd)
    try:
        data = python_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _HEAD.size + _TAIL.size)
    except OSError as error:
        raise system_error(error.errno or 0, "getsockopt TCP_INFO") from error
    finally:
        python_socket.detach()
    head = _HEAD.unpack_from(data)
    acked, received = _TAIL.unpack_from(data, _HEAD.size)[2:] if len(data) >= _HEAD.size + _TAIL.size else (0, 0)
    state, _, retransmits, *_ = head[:8]
    (rto, _ato, snd_mss, rcv_mss, unacked, sacked, lost, retrans, _fackets, _last_sent, _last_ack_sent, _last_received,
     _last_ack_received, pmtu, _rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering, rcv_rtt, rcv_space,
     total_retrans) = head[8:]
    return TCPInfo(_STATES[state], retransmits, rto, snd_mss, rcv_mss, unacked, sacked, lost, retrans, pmtu, rtt, rttvar,
                   snd_ssthresh, snd_cwnd, advmss, reordering, rcv_rtt, rcv_space, total_retrans, acked, received)

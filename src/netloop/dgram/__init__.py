"""Datagrams: UDP, and UNIX datagram sockets.

    from netloop import dgram, run

    server = dgram.create_socket("udp4")
    server.on("message", lambda message, sender: print(message, "from", sender.address, sender.port))
    server.bind(41234)
    run()

Source: https://nodejs.org/api/dgram.html
"""

from __future__ import annotations

from .._engine.remote_info import RemoteInfo
from .functions import create_socket
from .socket import Socket

__all__ = ["create_socket", "Socket", "RemoteInfo"]

"""TCP and UNIX sockets: servers, connections, addresses.

    from netloop import net, run

    server = net.create_server(lambda socket: socket.pipe(socket))
    server.listen(8124, lambda: print("listening on", server.address()))
    run()

Source: https://nodejs.org/api/net.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._on_demand import names_on_demand
from ..addresses.socket_address import AddressInfo, SocketAddress
from ..ip import is_ip, is_ipv4, is_ipv6
from .functions import connect, create_connection, create_server, listen
from .server import DropInfo, Server
from .socket import Socket

if TYPE_CHECKING:
    from ..addresses.block_list import BlockList
    from .bound_socket import BoundSocket
    from .connect_options import (
        get_default_auto_select_family,
        get_default_auto_select_family_attempt_timeout,
        set_default_auto_select_family,
        set_default_auto_select_family_attempt_timeout,
    )
    from .tcp_info import TCPInfo

__all__ = [
    "create_server", "Server", "listen",
    "connect", "create_connection", "Socket",
    "is_ip", "is_ipv4", "is_ipv6", "AddressInfo", "SocketAddress", "BlockList", "BoundSocket", "DropInfo", "TCPInfo",
    "get_default_auto_select_family", "set_default_auto_select_family",
    "get_default_auto_select_family_attempt_timeout", "set_default_auto_select_family_attempt_timeout",
]

if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    __getattr__ = names_on_demand(__name__, {
        "BlockList": ".addresses.block_list", "BoundSocket": "bound_socket", "TCPInfo": "tcp_info",
        "get_default_auto_select_family": "connect_options", "set_default_auto_select_family": "connect_options",
        "get_default_auto_select_family_attempt_timeout": "connect_options",
        "set_default_auto_select_family_attempt_timeout": "connect_options",
    })

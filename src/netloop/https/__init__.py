"""HTTPS: HTTP/1.1 over TLS.

    from netloop import https, run

    server = https.create_server(lambda request, response: response.end("Hello World\\n"), cert=certificate, key=key)
    server.listen(8443)
    run()

Source: https://nodejs.org/api/https.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._on_demand import names_on_demand

if TYPE_CHECKING:
    from .agent import Agent
    from .functions import get, request
    from .server import Server, create_server
    from .tunnel import ProxyTunnelError

    global_agent: Agent

__all__ = ["create_server", "Server", "request", "get", "Agent", "global_agent", "ProxyTunnelError"]

_find = names_on_demand(__name__, {
    "create_server": "server", "Server": "server", "request": "functions", "get": "functions", "Agent": "agent",
    "ProxyTunnelError": "tunnel",
})


if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    def __getattr__(name: str) -> Any:
        if name == "global_agent":          # of the current loop, so it must not be remembered here
            from .agent_default import default_agent
            return default_agent()
        return _find(name)

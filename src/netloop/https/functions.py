"""`request` and `get`: those of `http`, with the agent of this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.client_functions import checked_agent, request_by
from .agent import Agent
from .agent_default import default_agent

if TYPE_CHECKING:
    from ..http.client_request import ClientRequest

__all__ = ["get", "request"]


def request(*args: Any, **options: Any) -> ClientRequest:
    """A new request over TLS; ``end()`` must be called on it, also when it has no body.

        request(url[, listener])
        request([listener, ]**options)

    Options are those of `http.request` and of `tls.connect`: ca, cert, key, servername, reject_unauthorized,
    check_server_identity, ...  The port is 443 by default.

    Source: https://nodejs.org/api/https.html#httpsrequesturl-options-callback
    """
    return request_by(_agent(options.pop("agent", None)), args, options)


def get(*args: Any, **options: Any) -> ClientRequest:
    """As `request`, and `end` is called: ``https.get(url, on_response)``, or ``response = await https.get(url)``.

    Source: https://nodejs.org/api/https.html#httpsgeturl-options-callback
    """
    return request(*args, **options).end()


def _agent(agent: Any) -> Any:
    if agent is None:
        return default_agent()
    return Agent() if agent is False else checked_agent(agent)

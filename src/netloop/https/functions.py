"""`request` and `get`: those of `http`, with the agent of this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, overload

from ..http.client_functions import chosen_agent, get_by, request_by
from .agent import Agent
from .agent_default import default_agent

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from ..http.client_functions import OnResponse
    from ..http.client_request import ClientRequest
    from .keywords import RequestKeywords

__all__ = ["get", "request"]


@overload
def request(url: str | SplitResult, listener: OnResponse | None = None, /,
            **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def request(listener: OnResponse, /, **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def request(**options: Unpack[RequestKeywords]) -> ClientRequest: ...


def request(*args: Any, **options: Any) -> ClientRequest:
    """A new request over TLS; ``end()`` must be called on it, also when it has no body.

        request(url[, listener])
        request([listener, ]**options)

    Options are those of `http.request` and of `tls.connect`: ca, cert, key, servername, reject_unauthorized,
    check_server_identity, ...  The port is 443 by default.

    Source: https://nodejs.org/api/https.html#httpsrequesturl-options-callback
    """
    return request_by(_agent(options), "https:", args, options)


@overload
def get(url: str | SplitResult, listener: OnResponse | None = None, /,
        **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def get(listener: OnResponse, /, **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def get(**options: Unpack[RequestKeywords]) -> ClientRequest: ...


def get(*args: Any, **options: Any) -> ClientRequest:
    """As `request`, and `end` is called: ``https.get(url, on_response)``, or ``response = await https.get(url)``.

    Source: https://nodejs.org/api/https.html#httpsgeturl-options-callback
    """
    return get_by(_agent(options), "https:", args, options)


def _agent(options: dict[str, Any]) -> Any:
    return chosen_agent(options, default_agent, Agent)

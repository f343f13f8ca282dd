"""`request` and `get`: the ways to a `ClientRequest`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack, overload

from ..errors import invalid_type
from .agent import Agent
from .agent_default import default_agent
from .client_making import get_by, request_by
from .client_request import ClientRequest

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from .client_keywords import RequestKeywords
    from .incoming_message import IncomingMessage

__all__ = ["chosen_agent", "get", "get_by", "request", "request_by"]

OnResponse: TypeAlias = "Callable[[IncomingMessage], object]"


@overload
def request(url: str | SplitResult, listener: OnResponse | None = None, /,
            **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def request(listener: OnResponse, /, **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def request(**options: Unpack[RequestKeywords]) -> ClientRequest: ...


def request(*args: Any, **options: Any) -> ClientRequest:
    """A new request; ``end()`` must be called on it, also when it has no body.

        request(url[, listener])
        request([listener, ]**options)

    `listener` is called once, at `response`.  Options win over the URL:
        protocol, hostname, port, path, auth ("user:password"): instead of a URL, or of a part of one.
        host: as `hostname`, where neither that nor a URL is given; as in Node.
        method: default "GET".
        headers: a mapping; or a flat list or a list of pairs, which is sent as it is, without Host and Authorization.
        agent: an `Agent`; None: the global one, or a new one with `create_connection`; False: a new one for this request.
        timeout: milliseconds, as `set_timeout` before connecting.
        signal: an `AbortSignal` that destroys the request.
        socket_path: the path of a UNIX socket to connect to.
        create_connection: ``fn(callback, **options)`` instead of the agent's: returns a Duplex, or calls
            ``callback(error, stream)`` later.  An agent hands such a connection to requests with the same function only.
        set_host: add Host (default True); set_default_headers: add it and Connection (default True).
        max_header_size, max_headers_count, http_validation, insecure_http_parser: see `ParserSettings`.
        join_duplicate_headers: see `http.headers` (default False).
        unique_headers: names of fields that are sent once, their values joined by "; ".
        max_redirects: for those who ``await`` the request: follow as many redirects (default 0, True: 20).
        local_address, local_port, family, hints, lookup and the others of `net.connect`: for a new connection.

    Raises for wrong arguments: ERR_INVALID_URL, ERR_INVALID_PROTOCOL, ERR_UNESCAPED_CHARACTERS, ERR_INVALID_HTTP_TOKEN,
    ERR_INVALID_ARG_TYPE, and TypeError for an unknown keyword.  What happens on the way is told by `error`.

    Source: https://nodejs.org/api/http.html#httprequesturl-options-callback
    """
    return request_by(_agent(options), "http:", args, options)


@overload
def get(url: str | SplitResult, listener: OnResponse | None = None, /,
        **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def get(listener: OnResponse, /, **options: Unpack[RequestKeywords]) -> ClientRequest: ...
@overload
def get(**options: Unpack[RequestKeywords]) -> ClientRequest: ...


def get(*args: Any, **options: Any) -> ClientRequest:
    """As `request`, and `end` is called: ``http.get(url, on_response)``, or ``response = await http.get(url)``.

    Source: https://nodejs.org/api/http.html#httpgeturl-options-callback
    """
    return get_by(_agent(options), "http:", args, options)


def _agent(options: dict[str, Any]) -> Any:
    return chosen_agent(options, default_agent, Agent)


def chosen_agent(options: dict[str, Any], default: Callable[[], Any], new: Callable[[], Any]) -> Any:
    """The agent of a request with these options, from which it is taken out.

    Who makes the connection gets that one, and keeps it to himself: without an agent he has one of his own.
    Raises ERR_INVALID_ARG_TYPE.
    """
    agent = options.pop("agent", None)
    if agent is None and options.get("create_connection") is None:
        return default()
    if agent is None or agent is False:
        return new()
    if not isinstance(agent, Agent) and not callable(getattr(agent, "add_request", None)):
        raise invalid_type("agent", "an Agent, None or False", agent)
    return agent

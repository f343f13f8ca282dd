"""`request_by` and `get_by`: from the arguments of `http.request` to a `ClientRequest`."""

from __future__ import annotations

from typing import Any

from ..addresses.arguments import check_port
from ..errors import check_options
from .agent import Agent
from .client_options import RequestOptions, url_options
from .client_request import ClientRequest
from .client_url import DEFAULT_PORTS

__all__ = ["get_by", "request_by"]


def request_by(agent: Any, protocol: str, args: tuple[Any, ...], options: dict[str, Any]) -> ClientRequest:
    """A new request of `request`'s arguments, which gets its connection from `agent`.

    `protocol` is that of a request that names none; the agent has to speak it.
    """
    given = list(args)
    listener = given.pop() if len(given) == 2 or (len(given) == 1 and callable(given[0])) else None
    if len(given) > 1 or not (listener is None or callable(listener)) or (given and isinstance(given[0], dict)):
        check_options(f"{protocol.removesuffix(':')}.request", args, (), ())
        raise TypeError(f"request() takes a URL and a listener by position; got {args!r}")
    made = ClientRequest(_options(agent, protocol, given[0] if given else None, options), agent)
    if listener is not None:
        made.once("response", listener)
    return made


def get_by(agent: Any, protocol: str, args: tuple[Any, ...], options: dict[str, Any]) -> ClientRequest:
    """As `request_by`, and the request is ended."""
    made = request_by(agent, protocol, args, options)
    try:
        made.end()
    except Exception:
        made._abandon()         # nobody else has it
        raise
    return made


def _options(agent: Any, protocol: str, url: Any, options: dict[str, Any]) -> RequestOptions:
    connect_names = getattr(agent, "connect_names", Agent.connect_names)
    if not options and type(url) is str and isinstance(agent, Agent) and agent._proxies is None:
        return url_options(url, agent.protocol, agent.default_port, connect_names)
    if url is None and options.get("protocol") is None:
        options["protocol"] = protocol
    default_port = options.pop("default_port", None)
    if default_port is None:
        default_port = getattr(agent, "default_port", DEFAULT_PORTS[protocol])      # agents of another kind need not say it
    else:
        default_port = check_port("default_port", default_port)
    return RequestOptions(url, getattr(agent, "protocol", protocol), default_port, connect_names, **options)

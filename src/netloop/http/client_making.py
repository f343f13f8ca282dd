"""`request_by`: from the arguments of `http.request` to a `ClientRequest`."""

from __future__ import annotations

from typing import Any

from .agent import Agent
from .client_options import RequestOptions, url_options
from .client_request import ClientRequest

__all__ = ["request_by"]


def request_by(agent: Any, args: tuple[Any, ...], options: dict[str, Any]) -> ClientRequest:
    """A new request of `request`'s arguments, which gets its connection from `agent`."""
    listener = None
    if args and callable(args[-1]):
        listener, args = args[-1], args[:-1]
    elif len(args) == 2 and args[1] is None:
        args = args[:1]
    if len(args) > 1:
        raise TypeError(f"request() takes a URL and a listener by position; got {len(args)} arguments before the listener")
    made = ClientRequest(_options(agent, args[0] if args else None, options), agent)
    if listener is not None:
        made.once("response", listener)
    return made


def _options(agent: Any, url: Any, options: dict[str, Any]) -> RequestOptions:
    connect_names = getattr(agent, "connect_names", Agent.connect_names)
    if not options and type(url) is str and isinstance(agent, Agent) and agent._proxies is None:
        return url_options(url, agent.protocol, agent.default_port, connect_names)
    default_port = options.pop("default_port", agent.default_port)
    return RequestOptions(url, agent.protocol, default_port, connect_names, **options)

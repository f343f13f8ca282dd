"""The agent of those who name none, and the proxies of the environment for it.

``http.global_agent`` is one agent for each loop, for a socket lives in one; what is assigned to it holds for all.

Source: https://nodejs.org/api/http.html#httpglobalagent
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from ..loop import Loop, current
from .agent import Agent

__all__ = ["DefaultAgents", "default_agent", "set_global_proxy_from_env"]

TIMEOUT_MS = 5000               # as Node's since v19: idle connections close before servers usually close them

_proxy_env: Mapping[str, str] | None = None


class DefaultAgents:
    """The global agents of a module, ``netloop.http`` or ``netloop.https``: one for each loop."""

    def __init__(self, module: str, make: Callable[..., Any]) -> None:
        self._module = module
        self._make = make
        self._agents: WeakKeyDictionary[Loop, Any] = WeakKeyDictionary()
        self._made_with = _proxy_env

    def in_force(self) -> Any:
        """The one that was assigned to ``global_agent`` of the module, or this loop's."""
        assigned = vars(sys.modules[self._module]).get("global_agent")
        if assigned is not None:
            return assigned
        if self._made_with is not _proxy_env:
            self._made_with = _proxy_env
            self._agents.clear()        # those in use finish what they have, and close what is idle in time
        loop = current()
        agent = self._agents.get(loop)
        if agent is None:
            agent = self._agents[loop] = self._make(keep_alive=True, timeout=TIMEOUT_MS, proxy_env=_proxy_env)
        return agent


_agents = DefaultAgents("netloop.http", Agent)


def default_agent() -> Agent:
    """The agent in force: the one that was assigned to ``http.global_agent``, or this loop's."""
    agent: Agent = _agents.in_force()
    return agent


def set_global_proxy_from_env(proxy_env: Mapping[str, str] | None = None) -> Callable[[], None]:
    """Have the global agents of `http` and `https` use the proxies that the environment names.

    Returns a function that takes it back.  `proxy_env`: HTTP_PROXY, HTTPS_PROXY and NO_PROXY; by default `os.environ`.
    Raises ERR_PROXY_INVALID_CONFIG.  An agent that was assigned to ``global_agent`` stays as it is.

    Source: https://nodejs.org/api/http.html#httpsetglobalproxyfromenvproxyenv
    """
    from .proxies import Proxies
    environment: Any = dict(os.environ) if proxy_env is None else proxy_env
    Proxies(environment)                    # raises what is wrong with it
    before = _proxy_env
    _use(environment)
    return lambda: _use(before)


def _use(proxy_env: Mapping[str, str] | None) -> None:
    """From the next request on."""
    global _proxy_env
    _proxy_env = proxy_env

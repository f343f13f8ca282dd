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

__all__ = ["default_agent", "set_global_proxy_from_env"]

TIMEOUT_MS = 5000               # as Node's since v19: idle connections close before servers usually close them

_agents: WeakKeyDictionary[Loop, Agent] = WeakKeyDictionary()
_proxy_env: Mapping[str, str] | None = None


def default_agent() -> Agent:
    """The agent in force: the one that was assigned to ``http.global_agent``, or this loop's."""
    assigned: Agent | None = vars(sys.modules["netloop.http"]).get("global_agent")
    if assigned is not None:
        return assigned
    loop = current()
    agent = _agents.get(loop)
    if agent is None:
        agent = _agents[loop] = Agent(keep_alive=True, timeout=TIMEOUT_MS, proxy_env=_proxy_env)
    return agent


def set_global_proxy_from_env(proxy_env: Mapping[str, str] | None = None) -> Callable[[], None]:
    """Have the global agents use the proxies that the environment names; returns a function that takes it back.

    `proxy_env`: HTTP_PROXY, HTTPS_PROXY and NO_PROXY; by default `os.environ`.  Raises ERR_PROXY_INVALID_CONFIG.  An
    agent that was assigned to ``http.global_agent`` stays as it is.

    Source: https://nodejs.org/api/http.html#httpsetglobalproxyfromenvproxyenv
    """
    from .proxies import Proxies
    environment: Any = dict(os.environ) if proxy_env is None else proxy_env
    Proxies(environment)                    # raises what is wrong with it
    before = _proxy_env
    _use(environment)
    return lambda: _use(before)


def _use(proxy_env: Mapping[str, str] | None) -> None:
    """From the next request on: agents that are in use finish what they have, and close what is idle in time."""
    global _proxy_env
    _proxy_env = proxy_env
    _agents.clear()

"""The agent of those who name none: one for each loop, as that of `http`; what is assigned to it holds for all.

Source: https://nodejs.org/api/https.html#httpsglobalagent
"""

from __future__ import annotations

import sys
from weakref import WeakKeyDictionary

from ..http.agent_default import TIMEOUT_MS
from ..loop import Loop, current
from .agent import Agent

__all__ = ["default_agent"]

_agents: WeakKeyDictionary[Loop, Agent] = WeakKeyDictionary()


def default_agent() -> Agent:
    """The agent in force: the one that was assigned to ``https.global_agent``, or this loop's."""
    assigned: Agent | None = vars(sys.modules["netloop.https"]).get("global_agent")
    if assigned is not None:
        return assigned
    loop = current()
    agent = _agents.get(loop)
    if agent is None:
        agent = _agents[loop] = Agent(keep_alive=True, timeout=TIMEOUT_MS)
    return agent

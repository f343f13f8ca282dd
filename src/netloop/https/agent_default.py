"""The agent of those who name none: one for each loop, as that of `http`; what is assigned to it holds for all.

Source: https://nodejs.org/api/https.html#httpsglobalagent
"""

from __future__ import annotations

from ..http.agent_default import DefaultAgents
from .agent import Agent

__all__ = ["default_agent"]

_agents = DefaultAgents("netloop.https", Agent)


def default_agent() -> Agent:
    """The agent in force: the one that was assigned to ``https.global_agent``, or this loop's."""
    agent: Agent = _agents.in_force()
    return agent

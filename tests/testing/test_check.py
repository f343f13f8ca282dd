"""The stream contract holds for pairs in memory, and finds streams that break it."""

from __future__ import annotations

import asyncio

import pytest

from netloop.stream import duplex_pair
from netloop.testing import DUPLEX_RULES, HALF_CLOSE_RULES, check_rule, in_loop


async def memory_pair():
    return duplex_pair()


@pytest.mark.parametrize("rule", DUPLEX_RULES + HALF_CLOSE_RULES, ids=lambda rule: rule.__name__)
def test_a_pair_in_memory_keeps_the_rule(rule):
    in_loop(check_rule)(rule, memory_pair)


@pytest.mark.parametrize("rule", DUPLEX_RULES + HALF_CLOSE_RULES, ids=lambda rule: rule.__name__)
def test_a_pair_in_memory_keeps_the_rule_inside_asyncio(rule):
    asyncio.run(check_rule(rule, memory_pair))

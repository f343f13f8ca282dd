"""The typed keywords of http and https are those that are taken."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from netloop import http
from netloop._modules import PLAIN_MODE
from netloop.http.client_keywords import RequestKeywords
from netloop.http.client_options import CONNECT_NAMES, RequestOptions
from netloop.http.server_keywords import ServerKeywords
from netloop.https.agent import Agent as SecureAgent
from netloop.https.keywords import AgentKeywords as SecureAgentKeywords
from netloop.https.keywords import RequestKeywords as SecureRequestKeywords
from netloop.https.keywords import ServerKeywords as SecureServerKeywords
from netloop.net.keywords import ServerKeywords as NetServerKeywords
from netloop.tls.keywords import ServerKeywords as TLSServerKeywords


def keywords(function: Any) -> set[str]:
    return {name for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY}


def test_typed_options_of_servers_are_those_that_are_taken() -> None:
    taken = keywords(http.Server.__init__) | NetServerKeywords.__annotations__.keys()
    assert ServerKeywords.__annotations__.keys() == taken
    assert SecureServerKeywords.__annotations__.keys() == taken | TLSServerKeywords.__annotations__.keys()


@pytest.mark.skipif(not PLAIN_MODE, reason="a compiled constructor does not tell its keywords")
def test_typed_options_of_requests_are_those_that_are_taken() -> None:
    taken = keywords(RequestOptions.__init__) | {"agent", "default_port"}
    assert RequestKeywords.__annotations__.keys() == taken | CONNECT_NAMES
    assert SecureRequestKeywords.__annotations__.keys() <= taken | SecureAgent.connect_names


@pytest.mark.skipif(not PLAIN_MODE, reason="a compiled constructor does not tell its keywords")
def test_typed_options_of_agents_are_those_that_are_taken() -> None:
    named = keywords(http.Agent.__init__) - keywords(SecureAgent.__init__)
    assert named <= SecureAgentKeywords.__annotations__.keys() <= named | SecureAgent.connect_names

"""The inputs of llhttp's own tests, each with the events that RFC 9112 asks for, however the bytes are cut.

Those that llhttp means for its lenient modes are here too: they are what a strict parser must refuse.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netloop.http.settings import ParserSettings

CASES = json.loads(Path(__file__).with_name("llhttp-inputs.json").read_text(encoding="ascii"))["cases"]
WITHOUT_HOST = ParserSettings(require_host_header=False)
INSECURE = ParserSettings(http_validation="insecure", require_host_header=False)


@pytest.fixture
def events(requests, responses):
    def read(case, pieces, settings=WITHOUT_HOST):
        end = case["type"].endswith("-finish")
        if case["type"].startswith("request"):
            return requests(pieces, settings=settings, end=end).events
        return responses(pieces, upgrade=True, settings=settings, end=end).events
    return read


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_input_gives_its_events_whole_byte_by_byte_and_cut_anywhere(case, events, every_cut):
    for pieces in every_cut(case["data"].encode("latin-1")):
        assert events(case, pieces) == case["events"], pieces


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_insecure_parser_gives_the_same_events_whole_and_byte_by_byte(case, events, every_cut):
    whole, bytewise, *_ = every_cut(case["data"].encode("latin-1"))
    assert events(case, bytewise, INSECURE) == events(case, whole, INSECURE)


def test_every_kind_of_outcome_is_among_the_inputs():
    """The tests above would pass if no input were read."""
    outcomes = {line.split()[0] for case in CASES for line in case["events"]}
    assert {"error", "end", "upgrade", "body", "GET", "200"} <= outcomes
    assert len(CASES) == 210


@pytest.mark.parametrize("title", [
    "Resetting flags when keep-alive is off (1.0, lenient)", "Multiple tokens with folding",
    "Second request header value (lenient)", "Invalid HTTP version (lenient)", "X-SSL-Nonsense",
    "Line folding in header value with CRLF"])
def test_insecure_parser_lets_pass_what_the_strict_one_refuses(title, events):
    case = next(case for case in CASES if case["title"] == title and "lenient" in case["type"])
    data = [case["data"].encode("latin-1")]
    assert any(line.startswith("error") for line in events(case, data))
    assert not any(line.startswith("error") for line in events(case, data, INSECURE))

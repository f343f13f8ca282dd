"""RFC 7692 section 7.1: who may ask for what, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.websocket.deflate_options import DeflateOptions, DeflateParameters, check_answer, choose_offer, offer
from netloop.websocket.errors import HandshakeError
from netloop.websocket.extensions import format_extensions, parse_extensions


def options(**given: Any) -> DeflateOptions:
    return DeflateOptions(**given)


def answer_to(offers: str, server: DeflateOptions) -> str | None:
    chosen = choose_offer(server, parse_extensions(offers))
    return None if chosen is None else format_extensions([chosen[1]]).removeprefix("permessage-deflate").removeprefix("; ")


@pytest.mark.parametrize(("client", "parameters"), [
    (options(), "client_max_window_bits"),
    (options(client_max_window_bits=True), "client_max_window_bits"),
    (options(client_max_window_bits=10), "client_max_window_bits=10"),
    (options(client_max_window_bits=False), None),
    (options(client_max_window_bits=False, server_max_window_bits=9), "server_max_window_bits=9"),
    (options(server_no_context_takeover=True, client_no_context_takeover=True, client_max_window_bits=False),
     "server_no_context_takeover; client_no_context_takeover"),
])
def test_what_a_client_offers(client, parameters):
    assert format_extensions([offer(client)]) == "permessage-deflate" + (f"; {parameters}" if parameters else "")


@pytest.mark.parametrize(("offered", "server", "answer"), [
    ("permessage-deflate", options(), ""),
    ("permessage-deflate; client_max_window_bits", options(), ""),
    ("permessage-deflate; client_max_window_bits", options(client_max_window_bits=10), "client_max_window_bits=10"),
    ("permessage-deflate; client_max_window_bits=9", options(client_max_window_bits=10), "client_max_window_bits=9"),
    ("permessage-deflate; client_max_window_bits=9", options(), "client_max_window_bits=9"),
    ("permessage-deflate", options(client_max_window_bits=10), None),
    ("permessage-deflate; server_max_window_bits=10", options(), "server_max_window_bits=10"),
    ("permessage-deflate; server_max_window_bits=8", options(), "server_max_window_bits=8"),
    ("permessage-deflate; server_max_window_bits=15", options(), "server_max_window_bits=15"),
    ("permessage-deflate; server_max_window_bits=12", options(server_max_window_bits=10), "server_max_window_bits=10"),
    ("permessage-deflate; server_max_window_bits=9", options(server_max_window_bits=10), "server_max_window_bits=9"),
    ("permessage-deflate; server_max_window_bits=9", options(server_max_window_bits=False), None),
    ("permessage-deflate", options(server_max_window_bits=10), "server_max_window_bits=10"),
    ("permessage-deflate; server_no_context_takeover", options(), "server_no_context_takeover"),
    ("permessage-deflate; server_no_context_takeover", options(server_no_context_takeover=False), None),
    ("permessage-deflate", options(server_no_context_takeover=True), "server_no_context_takeover"),
    ("permessage-deflate; client_no_context_takeover", options(), "client_no_context_takeover"),
    ("permessage-deflate; client_no_context_takeover", options(client_no_context_takeover=False), ""),
    ("permessage-deflate", options(client_no_context_takeover=True), "client_no_context_takeover"),
    ('permessage-deflate; server_max_window_bits="10"', options(), "server_max_window_bits=10"),
    ("x-webkit-deflate-frame, permessage-deflate", options(), ""),
    ("x-webkit-deflate-frame", options(), None),
    ("permessage-deflate; unknown, permessage-deflate", options(), ""),
    ("permessage-deflate; server_max_window_bits=10, permessage-deflate", options(server_max_window_bits=False), ""),
])
def test_what_a_server_answers(offered, server, answer):
    assert answer_to(offered, server) == answer


WRONG = ["unknown", "unknown=1", "server_no_context_takeover=1", "client_no_context_takeover=1",
         "server_no_context_takeover; server_no_context_takeover", "server_max_window_bits", "server_max_window_bits=7",
         "server_max_window_bits=16", "server_max_window_bits=08", "server_max_window_bits=x", "client_max_window_bits=7",
         "client_max_window_bits=16", "client_max_window_bits=9; client_max_window_bits=9", "Server_no_context_takeover"]


@pytest.mark.parametrize("parameters", WRONG)
def test_a_wrong_offer_is_declined(parameters):
    assert answer_to(f"permessage-deflate; {parameters}", options()) is None


@pytest.mark.parametrize("parameters", [*WRONG, "client_max_window_bits"])
def test_a_wrong_answer_fails(parameters):
    answer, = parse_extensions(f"permessage-deflate; {parameters}")
    with pytest.raises(HandshakeError):
        check_answer(options(), answer)


@pytest.mark.parametrize(("client", "answer"), [
    (options(client_max_window_bits=False), "client_max_window_bits=10"),
    (options(client_no_context_takeover=False), "client_no_context_takeover"),
    (options(server_no_context_takeover=True), ""),
    (options(server_max_window_bits=10), ""),
    (options(server_max_window_bits=10), "server_max_window_bits=11"),
    (options(server_max_window_bits=False), "server_max_window_bits=11"),
])
def test_an_answer_that_was_not_offered_fails(client, answer):
    extension, = parse_extensions("permessage-deflate" + (f"; {answer}" if answer else ""))
    with pytest.raises(HandshakeError):
        check_answer(client, extension)


@pytest.mark.parametrize(("client", "answer", "parameters"), [
    (options(), "", DeflateParameters()),
    (options(), "server_no_context_takeover", DeflateParameters(server_no_context_takeover=True)),
    (options(), "client_no_context_takeover", DeflateParameters(client_no_context_takeover=True)),
    (options(), "server_max_window_bits=9", DeflateParameters(server_max_window_bits=9)),
    (options(), "client_max_window_bits=9", DeflateParameters(client_max_window_bits=9)),
    (options(client_max_window_bits=9), "", DeflateParameters(client_max_window_bits=9)),
    (options(client_no_context_takeover=True), "", DeflateParameters(client_no_context_takeover=True)),
])
def test_what_a_client_makes_of_an_answer(client, answer, parameters):
    extension, = parse_extensions("permessage-deflate" + (f"; {answer}" if answer else ""))
    assert check_answer(client, extension) == parameters


FLAGS = st.sampled_from([None, True, False])
BITS = st.sampled_from([None, False, *range(8, 16)])
OPTIONS = st.builds(DeflateOptions, server_no_context_takeover=FLAGS, client_no_context_takeover=FLAGS,
                    server_max_window_bits=BITS, client_max_window_bits=BITS)


@given(OPTIONS, OPTIONS)
def test_each_end_can_read_what_the_other_compresses(client, server):
    chosen = choose_offer(server, [offer(client)])
    if chosen is None:
        return
    ours, answer = chosen
    try:
        theirs = check_answer(client, answer)
    except HandshakeError:      # the client refuses what the server asks for; then there is no connection
        assert client.client_no_context_takeover is False or client.server_max_window_bits is False
        return
    assert theirs.server_max_window_bits == ours.server_max_window_bits
    assert theirs.client_max_window_bits <= ours.client_max_window_bits
    assert theirs.server_no_context_takeover == ours.server_no_context_takeover
    assert theirs.client_no_context_takeover or not ours.client_no_context_takeover


@pytest.mark.parametrize(("name", "value"), [
    ("server_max_window_bits", 7), ("server_max_window_bits", 16), ("client_max_window_bits", 0),
    ("server_max_window_bits", True), ("threshold", -1), ("concurrency_limit", 0), ("level", 10), ("mem_level", 0)])
def test_options_out_of_range(name, value):
    with pytest.raises(ArgumentValueError, match=name):
        DeflateOptions(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("server_max_window_bits", "9"), ("threshold", 1.5), ("level", None)])
def test_options_of_the_wrong_type(name, value):
    with pytest.raises(ArgumentTypeError, match=name):
        DeflateOptions(**{name: value})
    with pytest.raises(TypeError):
        DeflateOptions(unknown=1)

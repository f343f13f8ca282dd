"""A request and its response that nobody keeps serve the next request; whoever keeps them never notices."""

from __future__ import annotations

import asyncio
import gc
import re
import weakref
from pathlib import Path

import pytest

import netloop
from netloop import errors, events, http, net
from netloop.http.server_response import ServerResponse

ROOT = Path(netloop.__file__).parent
GET = "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
POST = "POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"


async def exchange(on_request, *requests):
    """The answers of a server to requests on one connection, each sent after the answer to the one before."""
    answers = []
    async with http.create_server(on_request).listen(0, "127.0.0.1") as server:
        socket = await net.connect(server.address().port, "127.0.0.1")
        socket.set_encoding("latin1")
        for request in requests:
            socket.write(request)
            (answer,) = await events.once(socket, "data")
            answers.append(answer)
        socket.destroy()
        await events.once(socket, "close")
    return answers


async def test_requests_that_a_listener_keeps_stay_what_they_were():
    kept = []

    def on_request(request, response):
        kept.append(request)
        response.end(request.url)

    await exchange(on_request, *[GET % number for number in range(4)])
    assert [request.url for request in kept] == ["/0", "/1", "/2", "/3"]
    assert len({id(request) for request in kept}) == 4


async def test_responses_that_a_listener_keeps_stay_what_they_were():
    kept = []

    def on_request(request, response):
        kept.append(response)
        response.status_code = 200 + len(kept)
        response.end()

    await exchange(on_request, *[GET % number for number in range(4)])
    assert [response.status_code for response in kept] == [201, 202, 203, 204]
    assert [response.req.url for response in kept] == ["/0", "/1", "/2", "/3"]


async def test_a_weak_reference_never_leads_to_another_request():
    kept = []

    def on_request(request, response):
        for reference, url in kept:
            assert reference() is None or reference().url == url
        kept.append((weakref.ref(request), request.url))
        kept.append((weakref.ref(response), None))
        kept.pop()
        response.end()

    await exchange(on_request, *[GET % number for number in range(4)])
    assert len(kept) == 4


def mark(request, response):
    request.user = "somebody"
    response.note = "something"


def listen(request, response):
    request.on("close", int)
    response.on("finish", int)


def change(request, response):
    response.set_header("X-First", "1")
    response.status_code, response.status_message = 404, "Gone Fishing"
    response.send_date = response.strict_content_length = False
    response.set_max_listeners(1)
    request.set_max_listeners(1)


def chunk(request, response):
    response.add_trailers({"X-Trailer": "1"})
    response.write("a")


def remove(request, response):
    response.remove_header("Date")
    response.remove_header("Connection")
    assert request.headers == {"host": "a"}
    request.headers["x"] = "y"


@pytest.mark.parametrize("use", [mark, listen, change, chunk, remove])
async def test_what_a_listener_did_to_one_is_not_seen_by_the_next(use):
    seen = []

    def on_request(request, response):
        assert not hasattr(request, "user")
        assert not hasattr(response, "note")
        assert request.listener_count("close") == response.listener_count("finish") == 0
        assert request.get_max_listeners() == response.get_max_listeners() == 10
        assert request.headers == {"host": "a"}
        assert response.get_headers() == {}
        seen.append(request.url)
        if request.url == "/1":
            use(request, response)
        response.end("b")

    answers = await exchange(on_request, *[GET % number for number in range(4)])
    assert seen == ["/0", "/1", "/2", "/3"]
    plain = [re.sub("Date: .*\r\n", "Date\r\n", answer) for answer in answers]
    assert plain[0] == plain[2] == plain[3]
    assert "Date\r\n" in plain[0]


async def test_a_head_says_nothing_of_the_one_that_was_written_before():
    heads = [{}, {"X-Long": "x" * 1000}, {}, {"Content-Length": 1, "Date": "now"}, {}, {"Transfer-Encoding": "chunked"}, {},
             {"Keep-Alive": "timeout=9", "Upgrade": "h2c", "Trailer": "X"}, {}]

    def on_request(request, response):
        if request.url == "/0":
            with pytest.raises(errors.ArgumentValueError):
                response.write_head(200, {"X-Before": "1", "X-Wrong": "\n"})
        response.write_head(200, heads[int(request.url[1:])])
        response.end("b")

    answers = await exchange(on_request, *[GET % number for number in range(len(heads))])
    plain = {re.sub("Date: .*\r\n", "Date\r\n", answer) for answer in answers[::2]}
    assert len(plain) == 1
    assert "\r\nDate\r\n" in plain.pop()


async def test_signal_of_a_request_that_is_over_belongs_to_it_alone():
    signals = []

    def on_request(request, response):
        signals.append(request.signal)
        response.end()

    await exchange(on_request, GET % 1, GET % 2)
    assert signals[0] is not signals[1]


@pytest.mark.skipif(bool(netloop._modules.PLAIN_MODE), reason="where Python runs the sources, it refers to what it calls")
async def test_what_nobody_keeps_serves_again():
    seen, others = [], []

    def on_request(request, response):
        seen.append((id(request), id(response)))
        response.end()
        # Would they be freed, these would stand in their place before the next request comes.
        netloop.set_immediate(lambda: others.append(ServerResponse(http.IncomingMessage())))

    await exchange(on_request, *[GET % number for number in range(8)])
    assert len(set(seen)) == 1


def at_the_end(answer):
    """A listener that reads the body, and then calls ``answer(request, response, body)``."""
    def on_request(request, response):
        chunks = []
        request.on("data", chunks.append)
        request.on("end", lambda: answer(request, response, b"".join(chunks)))

    return on_request


@pytest.mark.skipif(bool(netloop._modules.PLAIN_MODE), reason="where Python runs the sources, it refers to what it calls")
async def test_what_was_answered_at_the_end_of_its_body_serves_again():
    seen, others = [], []

    def answer(request, response, body):
        seen.append((id(request), id(response)))
        response.end(body)
        netloop.set_immediate(lambda: others.append(ServerResponse(http.IncomingMessage())))

    answers = await exchange(at_the_end(answer), *[POST % number for number in range(8)])
    assert len(set(seen)) == 1
    assert {answer.rpartition("\r\n")[2] for answer in answers} == {"abc"}


async def test_what_was_answered_at_the_end_of_its_body_and_is_kept_stays_what_it_was():
    requests, responses = [], []

    def answer(request, response, body):
        requests.append(request)
        response.status_code = 200 + len(responses)
        responses.append(response)
        response.end(body)

    await exchange(at_the_end(answer), *[POST % number for number in range(4)])
    assert [request.url for request in requests] == ["/0", "/1", "/2", "/3"]
    assert [response.status_code for response in responses] == [200, 201, 202, 203]
    assert len({id(request) for request in requests}) == len({id(response) for response in responses}) == 4


@pytest.mark.parametrize("event", ["end", "error", events.error_monitor, "data"])
async def test_listeners_of_a_request_with_a_body_are_not_those_of_the_next(event):
    counts = []

    def on_request(request, response):
        counts.append([request.listener_count(name) for name in ("data", "end", "close", "error", events.error_monitor)])
        at_the_end(lambda request, response, body: response.end(body))(request, response)
        for _ in range(3):
            request.on(event, lambda *arguments: None)

    await exchange(on_request, *[POST % number for number in range(4)])
    assert counts == [[0] * 5] * 4


def fields_of(declarations):
    """The fields that a class declares in its ``.pxd``."""
    text = re.sub(r"#.*", "", (ROOT / declarations).read_text(encoding="utf-8"))
    text = text[text.index("cdef class", text.index(f"cdef class {CLASSES[declarations]}")):]
    text = text.split("\n\n\n")[0]
    fields = re.findall(r"^    cdef (?:public |readonly )?(?:long long |\w+ )([\w, ]+)$", text, re.MULTILINE)
    return {name.strip() for names in fields for name in names.split(",")}


CLASSES = {"events/emitter.pxd": "EventEmitter", "stream/base.pxd": "Stream",
           "http/incoming_headers.pxd": "IncomingHeaders", "http/incoming_message.pxd": "IncomingMessage",
           "http/outgoing_headers.pxd": "OutgoingHeaders", "http/outgoing_message.pxd": "OutgoingMessage",
           "http/server_response.pxd": "ServerResponse", "stream/state.pxd": "ReadableState"}
# Of an emitter that never had a listener, and whose other settings `_is_spare` looks at.
OF_LISTENERS = {"__dict__", "__weakref__", "_listeners", "_monitored", "_warned", "_max_listeners", "_capture_rejections"}
EMPTIED_LATER = {"_head"}           # by `write_head`, or when the head is made


def assigned_in(source, function):
    text = (ROOT / source).read_text(encoding="utf-8")
    body = re.search(rf"    def {function}\(.*?(?=\n    def |\n    # ---|\n    @)", text, re.DOTALL)[0]
    return set(re.findall(r"self\.(\w+)(?=[^(\n]*=)", body))


@pytest.mark.parametrize(("declarations", "starts"), [
    (["events/emitter.pxd", "stream/base.pxd", "http/incoming_headers.pxd", "http/incoming_message.pxd"],
     [("http/incoming_message.py", "_start")]),
    (["events/emitter.pxd", "stream/base.pxd", "http/outgoing_headers.pxd", "http/outgoing_message.pxd",
      "http/server_response.pxd"], [("http/outgoing_message.py", "_start"), ("http/server_response.py", "_start_for")]),
    (["stream/state.pxd"], [("stream/state.py", "start")]),
])
def test_the_beginning_of_a_message_names_every_field_that_it_has(declarations, starts):
    declared = set().union(*[fields_of(path) for path in declarations])
    assert len(declared) > 10
    assigned = set().union(*[assigned_in(*start) for start in starts])
    assert declared - OF_LISTENERS - EMPTIED_LATER <= assigned


# --- heads ---------------------------------------------------------------------------------------------------------

HEADS = [
    {"X": "1"}, {"X": "1"}, {"X": "2"}, {"x": "2"}, {}, {}, {"X": "2", "Y": ""}, {"X": "2", "Y": ""}, {"Y": "", "X": "2"},
    {"Content-Length": "2"}, {"Content-Length": "2"}, {"Connection": "close"}, {"X": "1"}, {"X": 1}, {"X": ["1", "2"]},
    {"Date": "today"}, {"Date": "today"}, [("X", "1")], {"X": "1"},
]


def respond(response, headers):
    response.send_date = False
    response.write_head(200, headers)
    response.end("ok")


async def test_a_head_like_the_one_before_and_one_unlike_it_are_what_they_would_be_alone():
    alone = [(await exchange(lambda request, response, headers=headers: respond(response, headers), GET % 0))[0]
             for headers in HEADS]
    heads = [headers for headers in HEADS if headers != {"Connection": "close"}]
    left = iter(heads)
    together = await exchange(lambda request, response: respond(response, next(left)), *[GET % 0 for _ in heads])
    assert together == [answer for answer, headers in zip(alone, HEADS, strict=True) if headers in heads]


async def test_a_dict_of_headers_may_change_between_responses():
    headers = {"X": "1"}

    def on_request(request, response):
        respond(response, headers)
        headers["X"] += "1"

    assert [re.findall("X: (1+)\r", answer) for answer in await exchange(on_request, *[GET % 0] * 3)] == [
        ["1"], ["11"], ["111"]]


@pytest.mark.parametrize("wrong", [{"X: a": "b"}, {"X": "a: b\r\nY: c"}, {"X": "a: b", "Y": "c\r\n"}])
async def test_what_is_refused_is_refused_after_a_head_with_the_same_bytes(wrong):
    refused = []

    def on_request(request, response):
        try:
            response.write_head(200, wrong)
        except errors.ArgumentValueError as error:
            refused.append(error.code)
        respond(response, {"X": "a: b", "Y": "c"})

    answers = await exchange(on_request, *[GET % 0] * 3)
    assert len(refused) == 3
    assert len(set(answers)) == 1
    assert "\r\nX: a: b\r\nY: c\r\nConnection: keep-alive\r\n" in answers[0]


async def test_spare_messages_keep_no_connection():
    async with http.create_server(lambda request, response: response.end("ok")).listen(0, "127.0.0.1") as server:
        for _ in range(3):
            client = await net.connect(server.address().port, "127.0.0.1")
            client.write(GET % 1)
            await events.once(client, "data")
            client.destroy()
            await events.once(client, "close")
        while server._service.connections:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        connections = [each for each in gc.get_objects() if type(each).__name__ == "ServerConnection"]
        assert not [each for each in connections if each.service.server is server]

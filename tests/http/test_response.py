"""ServerResponse and IncomingMessage without a network: what a program does to them, and what the wire sees."""

from __future__ import annotations

import asyncio

import pytest

from netloop.errors import NetloopError
from netloop.http.server import Server
from netloop.http.server_response import ServerResponse
from netloop.stream import Readable, duplex_pair, finished

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Exchange:
    """A server at one end of a pair of streams in memory, the test at the other."""

    def __init__(self, listener, **options):
        self.server = Server(listener, **options)
        self.wire = b""
        self.client, stream = duplex_pair()
        self.client.on("data", self._receive)
        self.client.on("error", lambda: None)
        self.server.emit("connection", stream)

    def _receive(self, data):
        self.wire += data

    async def ask(self, data=REQUEST):
        self.client.write(data)
        await self.settle()
        return self.wire

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *failure):
        self.client.destroy()
        self.server.close_all_connections()
        await self.settle()


async def answer(listener, request=REQUEST, **options):
    """What the wire sees, without the Date."""
    async with Exchange(listener, **options) as exchange:
        wire = await exchange.ask(request)
    lines = [line for line in wire.split(b"\r\n") if not line.startswith((b"Date: ", b"Keep-Alive: "))]
    return b"\r\n".join(lines)


def raised(response, act):
    """Write the code of what `act` raises as the body."""
    try:
        act()
        code = "nothing"
    except NetloopError as error:
        code = error.code
    response.end(code)


# --- the head -------------------------------------------------------------------------------------------------

async def test_a_body_given_to_end_has_its_length_said():
    def listener(request, response):
        response.write_head(201, {"X-One": "1"})
        response.end("wörd")

    assert await answer(listener) == (b"HTTP/1.1 201 Created\r\nX-One: 1\r\nConnection: keep-alive\r\n"
                                      b"Content-Length: 5\r\n\r\nw\xc3\xb6rd")


async def test_a_body_written_in_pieces_is_chunked():
    def listener(request, response):
        response.write("one")
        response.write("")
        response.write(b"two")
        response.end("three")

    assert await answer(listener) == (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")


async def test_a_body_in_pieces_ends_with_the_connection_for_http_1_0():
    def listener(request, response):
        response.write("one")
        response.end("two")

    assert await answer(listener, b"GET / HTTP/1.0\r\n\r\n") == (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo")


@pytest.mark.parametrize(("request_", "status", "head"), [
    (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", 200, b"HTTP/1.1 200 OK\r\n"),
    (REQUEST, 204, b"HTTP/1.1 204 No Content\r\n"),
    (REQUEST, 304, b"HTTP/1.1 304 Not Modified\r\n"),
])
@pytest.mark.parametrize("pieces", [["all"], ["some", "more"]])
async def test_some_responses_have_no_body_whatever_is_written(request_, status, head, pieces):
    def listener(request, response):
        response.write_head(status)
        for piece in pieces[:-1]:
            response.write(piece)
        response.end(pieces[-1])

    assert await answer(listener, request_) == head + b"Connection: keep-alive\r\n\r\n"


async def test_a_body_where_there_can_be_none_raises_if_asked_for():
    def listener(request, response):
        response.status_code = 204
        try:
            response.end("body")
        except NetloopError as error:
            response.req.socket.end(error.code)

    wire = await answer(listener, reject_non_standard_body_writes=True)
    assert wire == b"ERR_HTTP_BODY_NOT_ALLOWED"


async def test_write_head_wins_over_set_header_and_takes_lists():
    def listener(request, response):
        response.set_header("X-A", "1")
        response.set_header("X-B", "1")
        response.write_head(200, "Fine", ["x-a", "2", "Set-Cookie", "a=1", "Set-Cookie", "b=2"])
        response.end()

    assert await answer(listener) == (
        b"HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
        b"Connection: keep-alive\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("headers", [
    dict, lambda pairs: [part for pair in pairs for part in pair], lambda pairs: [tuple(pairs[0]), list(pairs[1])], iter])
async def test_write_head_takes_fields_in_any_form_also_after_set_header(headers):
    def listener(request, response):
        response.set_header("X-A", "1")
        response.set_header("X-B", "1")
        response.write_head(200, headers([("x-a", "2"), ("X-C", "3")]))
        response.end(response.get_header("x-c"))

    assert await answer(listener) == (b"HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nX-C: 3\r\n"
                                      b"Connection: keep-alive\r\nContent-Length: 1\r\n\r\n3")


@pytest.mark.parametrize(("headers", "code"), [
    (["X"], "ERR_INVALID_ARG_VALUE"), ([("X", "1"), "Y"], "ERR_INVALID_ARG_VALUE"), ({5: "x"}, "ERR_INVALID_HTTP_TOKEN"),
    ({"X Y": "x"}, "ERR_INVALID_HTTP_TOKEN"), (5, "ERR_INVALID_ARG_TYPE"), ({"X": None}, "ERR_HTTP_INVALID_HEADER_VALUE")])
@pytest.mark.parametrize("set_before", [False, True])
async def test_what_are_no_fields_is_refused_whether_others_were_set_or_not(headers, code, set_before):
    def listener(request, response):
        if set_before:
            response.set_header("X-A", "1")
        raised(response, lambda: response.write_head(200, headers))

    assert (await answer(listener)).endswith(b"\r\n\r\n" + code.encode())


async def test_headers_are_found_whatever_their_case_and_sent_as_they_were_given():
    seen = []

    def listener(request, response):
        response.set_header("X-Many", ["1", "2"])
        response.append_header("x-many", "3")
        response.set_headers({"X-Gone": "1", "X-Number": 7})
        response.remove_header("x-gone")
        seen.append((response.get_header("X-MANY"), response.get_header_names(), response.has_header("x-number"),
                     response.get_raw_header_names(), response.headers_sent))
        response.end()
        seen.append(response.headers_sent)

    wire = await answer(listener)
    assert b"X-Many: 1\r\nX-Many: 2\r\nX-Many: 3\r\nX-Number: 7\r\n" in wire
    assert seen == [(["1", "2", "3"], ["x-many", "x-number"], True, ["X-Many", "X-Number"], False), True]


@pytest.mark.parametrize(("act", "code"), [
    (lambda response: response.set_header("X\r\nY", "1"), "ERR_INVALID_HTTP_TOKEN"),
    (lambda response: response.set_header("X", "1\r\nSet-Cookie: a=1"), "ERR_INVALID_CHAR"),
    (lambda response: response.append_header("X", ["a", "b\n"]), "ERR_INVALID_CHAR"),
    (lambda response: response.set_header("X", None), "ERR_HTTP_INVALID_HEADER_VALUE"),
    (lambda response: response.write_head(200, "OK\r\nX: 1"), "ERR_INVALID_CHAR"),
    (lambda response: response.write_head(200, {"X": "1\r\n"}), "ERR_INVALID_CHAR"),
    (lambda response: response.write_head(99), "ERR_HTTP_INVALID_STATUS_CODE"),
    (lambda response: response.write_head(200, ["X", "1\r\n"]), "ERR_INVALID_CHAR"),
    (lambda response: response.add_trailers({"X": "1\r\n"}), "ERR_INVALID_CHAR"),
    (lambda response: response.add_trailers({"Content-Length": "1"}), "ERR_INVALID_ARG_VALUE"),
    (lambda response: response.write_early_hints({"link": "<a>\r\nX: 1"}), "ERR_INVALID_CHAR"),
    (lambda response: response.write_information(101), "ERR_HTTP_INVALID_STATUS_CODE"),
    (lambda response: response.pipe(response), "ERR_STREAM_CANNOT_PIPE"),
])
async def test_nothing_splits_the_head(act, code):
    wire = await answer(lambda request, response: raised(response, lambda: act(response)))
    assert wire.startswith(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: ")
    assert wire.endswith(b"\r\n\r\n" + code.encode())


async def test_a_status_message_that_would_split_the_head_is_answered_with_500(caplog, unhandled):
    def listener(request, response):
        response.status_message = "OK\r\nX: 1"
        response.end("body")

    assert (await answer(listener)).startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


async def test_headers_cannot_be_changed_after_the_head():
    codes = []

    def listener(request, response):
        response.write_head(200)
        for act in (lambda: response.set_header("X", "1"), lambda: response.remove_header("X"),
                    lambda: response.write_head(200), response.write_continue):
            try:
                act()
            except NetloopError as error:
                codes.append(error.code)
        response.end()

    await answer(listener)
    assert codes == ["ERR_HTTP_HEADERS_SENT"] * 4


async def test_the_date_can_be_left_out_or_given():
    def listener(request, response):
        response.send_date = False
        response.end()

    async with Exchange(listener) as exchange:
        assert b"Date" not in await exchange.ask()
    async with Exchange(lambda request, response: response.set_header("date", "today").end()) as exchange:
        assert (await exchange.ask()).lower().count(b"date: ") == 1


# --- the body -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("pieces", [[b"12345"], [b"12", b"345"], [b"1"], [b"1", b""]])
async def test_a_body_that_differs_from_its_length_raises_at_the_call(pieces):
    codes = []

    def listener(request, response):
        response.set_header("Content-Length", 3)
        try:
            for piece in pieces[:-1]:
                response.write(piece)
            response.end(pieces[-1])
        except NetloopError as error:
            codes.append(error.code)
            response.destroy()

    await answer(listener)
    assert codes == ["ERR_HTTP_CONTENT_LENGTH_MISMATCH"]


async def test_an_end_that_was_refused_has_sent_nothing_of_the_body():
    def listener(request, response):
        response.set_header("Content-Length", 5)
        for wrong in (b"123", b"45"):
            with pytest.raises(NetloopError, match=f"the body has {len(wrong)} bytes"):
                response.end(wrong)
        response.end(b"12345")

    assert (await answer(listener)).endswith(b"\r\n\r\n12345")


@pytest.mark.parametrize("pieces", [[b"12345"], [b"12", b"345"], [b"1"], [b"1", b""]])
async def test_a_body_that_may_differ_from_its_length_is_the_last_of_its_connection(pieces):
    def listener(request, response):
        response.strict_content_length = False
        response.set_header("Content-Length", 3)
        for piece in pieces[:-1]:
            response.write(piece)
        response.end(pieces[-1])

    received = await answer(listener, REQUEST + REQUEST)
    assert received.count(b"HTTP/1.1 200 OK") == 1
    assert received.endswith(b"\r\n\r\n" + b"".join(pieces))


async def test_trailers_follow_a_chunked_body():
    def listener(request, response):
        response.write("a")
        response.add_trailers({"X-Sum": "97"})
        response.end()

    assert (await answer(listener)).endswith(b"\r\n\r\n1\r\na\r\n0\r\nX-Sum: 97\r\n\r\n")


async def test_informational_responses_come_before_the_head():
    def listener(request, response):
        response.write_processing()
        response.write_early_hints({"link": ["<a>", "<b>"], "X-Id": "1"})
        response.write_information(199, {"X": "2"})
        response.end()

    assert (await answer(listener)).startswith(
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>, <b>\r\nX-Id: 1\r\n\r\n"
        b"HTTP/1.1 199 unknown\r\nX: 2\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("request_", [REQUEST, REQUEST + REQUEST, b"GET / HTTP/1.0\r\n\r\n"],
                         ids=["at once", "when it is its turn", "to HTTP/1.0, which gets none"])
async def test_informational_responses_call_back(request_):
    called = []

    def listener(request, response):
        response.write_continue(lambda error: called.append(error))
        response.write_early_hints({"link": "<a>"}, lambda: called.append("hints"))
        request._loop.next_tick(response.end)

    received = await answer(listener, request_)
    assert called == [None, "hints"] * received.count(b" 200 OK\r\n")
    assert received.count(b" 103 Early Hints\r\n") == request_.count(b"HTTP/1.1")


async def test_flush_headers_sends_the_head_alone():
    async with Exchange(lambda request, response: response.flush_headers()) as exchange:
        assert (await exchange.ask()).endswith(b"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n"
                                               b"Transfer-Encoding: chunked\r\n\r\n")


async def test_a_stream_is_piped_into_a_response():
    assert (await answer(lambda request, response: Readable.from_([b"one", b"two"]).pipe(response))).endswith(
        b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


# --- events ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("pieces", [["all"], ["some", "more"]])
async def test_finish_and_close_are_heard_also_by_who_listens_after_the_end(late, pieces):
    seen = []

    def listener(request, response):
        def listen():
            for event in ("finish", "close"):
                response.on(event, lambda event=event: seen.append(event))
        if not late:
            listen()
        for piece in pieces[:-1]:
            response.write(piece)
        response.end(pieces[-1])
        if late:
            listen()

    await answer(listener)
    assert seen == ["finish", "close"]


async def test_finished_waits_for_a_response():
    seen = []

    async def listener(request, response):
        response.end("body")
        await finished(response)
        seen.append(response.writable_finished)

    await answer(listener)
    assert seen == [True]


async def test_a_second_end_tells_its_callback_and_a_late_write_its_own():
    codes = []

    def listener(request, response):
        response.on("error", lambda error: codes.append(("error", error.code)))
        response.end("body")
        response.write("late", lambda error: codes.append(("write", error.code)))

    assert (await answer(listener)).endswith(b"\r\n\r\nbody")
    assert codes == [("write", "ERR_STREAM_WRITE_AFTER_END"), ("error", "ERR_STREAM_WRITE_AFTER_END")]


async def test_destroying_a_response_closes_the_connection():
    def listener(request, response):
        response.write("half")
        response.destroy()

    async with Exchange(listener) as exchange:
        await exchange.ask()
        assert exchange.client.destroyed or exchange.client.readable_ended


@pytest.mark.parametrize("request_", [REQUEST, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12"])
async def test_destroying_a_request_closes_the_connection(request_):
    async with Exchange(lambda request, response: request.destroy()) as exchange:
        assert await exchange.ask(request_) == b""
        assert exchange.client.destroyed or exchange.client.readable_ended


async def test_a_response_may_be_written_before_its_turn_has_come():
    first = []

    def listener(request, response):
        if not first:
            first.append(response)
            return
        response.write("second")
        response.end(" part")
        first[0].end("first")

    wire = await answer(listener, REQUEST * 2)
    assert wire.index(b"first") < wire.index(b"6\r\nsecond\r\n5\r\n part\r\n0\r\n\r\n")


async def test_a_program_may_use_its_own_class_of_responses():
    class Shouting(ServerResponse):
        def shout(self, text):
            self.end(text.upper())

    wire = await answer(lambda request, response: response.shout("hello"), server_response=Shouting)
    assert wire.endswith(b"HELLO")


# --- fields that say how ----------------------------------------------------------------------------------------

async def test_a_trailer_field_has_the_body_chunked_so_that_it_can_be_kept():
    def listener(request, response):
        response.set_header("Trailer", "X-Sum")
        response.add_trailers({"X-Sum": "1"})
        response.end("hello")

    assert await answer(listener) == (b"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nConnection: keep-alive\r\n"
                                      b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
    assert (await answer(listener, b"GET / HTTP/1.0\r\n\r\n")).endswith(b"\r\n\r\nhello")
    assert b"X-Sum: 1" not in await answer(listener, REQUEST.replace(b"GET", b"HEAD"))


async def test_a_trailer_field_beside_a_length_is_refused():
    def listener(request, response):
        response.write_head(200, {"Trailer": "X-Sum", "Content-Length": 5})
        with pytest.raises(NetloopError) as caught:
            response.end("hello")
        raised_codes.append(caught.value.code)
        request.socket.destroy()

    raised_codes = []
    await answer(listener)
    assert raised_codes == ["ERR_HTTP_TRAILER_INVALID"]


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("field", [{"Content-Length": "5"}, {"Transfer-Encoding": "chunked"}])
async def test_a_response_without_content_says_no_length(method, field):
    def listener(request, response):
        response.write_head(204, field)
        response.end()

    assert await answer(listener, REQUEST.replace(b"GET", method)) == (
        b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n")


async def test_a_program_says_itself_how_long_a_connection_is_kept():
    async with Exchange(lambda request, response: response.set_header("Keep-Alive", "timeout=3").end("x")) as exchange:
        wire = await exchange.ask()
    assert wire.count(b"Keep-Alive:") == 1
    assert b"Keep-Alive: timeout=3\r\n" in wire
    assert b"Connection: keep-alive\r\n" in wire


async def test_a_response_tells_what_its_head_says():
    seen = []

    def listener(request, response):
        seen.append(response.status_message)
        response.set_header("X-A", "1")
        response.write_head(200, [("X-A", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        seen.append((response.get_header("x-a"), response.get_header("set-cookie"), response.get_header_names()))
        response.end()
        seen.append(response.status_message)

    assert b"X-A: 2\r\n" in await answer(listener)
    assert seen == [None, ("2", ["a=1", "b=2"], ["x-a", "set-cookie"]), "OK"]


@pytest.mark.parametrize(("link", "good"), [
    ("</a.css>; rel=preload; as=style", True), ('</a>; rel="a b", </b>', True), (["</a>", "</b>; rel=x"], True),
    ("nogood", False), (["</a>", "b"], False), ("</a>; rel", True), ("</a", False), ([1], False)])
async def test_early_hints_have_links(link, good):
    def listener(request, response):
        try:
            response.write_early_hints({"link": link})
        except NetloopError as error:
            response.end(error.code)
        else:
            response.end("fine")

    wire = await answer(listener)
    assert wire.endswith(b"fine" if good else b"ERR_INVALID_ARG_VALUE")
    assert (b"HTTP/1.1 103" in wire) is good


@pytest.mark.parametrize(("act", "code", "named"), [
    (lambda response: response.write("a", "utf8", 5), "ERR_INVALID_ARG_TYPE", "callback must be a function"),
    (lambda response: response.end("a", "utf8", 5), "ERR_INVALID_ARG_TYPE", "callback must be a function"),
    (lambda response: response.write_continue(5), "ERR_INVALID_ARG_TYPE", "callback must be a function"),
    (lambda response: response.write_processing(5), "ERR_INVALID_ARG_TYPE", "callback must be a function"),
    (lambda response: response.write_head([]), "ERR_HTTP_INVALID_STATUS_CODE", "status code"),
    (lambda response: response.write_early_hints({1: "a"}), "ERR_INVALID_HTTP_TOKEN", "Header name"),
    (lambda response: response.assign_socket(None), "ERR_INVALID_ARG_TYPE", "socket must be a Duplex"),
    (lambda response: response.req.set_encoding(5), "ERR_UNKNOWN_ENCODING", "encoding"),
    (lambda response: response.req.read(1.5), "ERR_INVALID_ARG_TYPE", "size must be an int"),
])
async def test_an_argument_of_the_wrong_kind_is_named_at_the_call(act, code, named):
    def listener(request, response):
        with pytest.raises(NetloopError, match=f"(?i){named}") as caught:
            act(response)
        assert caught.value.code == code
        response.end("good")

    assert (await answer(listener)).endswith(b"good")

"""The parsers' own part: pauses, pipelining, leaving HTTP, the end of the connection, and who closes when."""

from __future__ import annotations

import gc
import pickle
import weakref

import pytest

from netloop.http.faults import ParseError
from netloop.http.receiver import MessageReceiver
from netloop.http.request_parser import RequestParser
from netloop.http.response_parser import ResponseParser
from netloop.http.settings import ParserSettings

SETTINGS = ParserSettings()
GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n"


# --- pausing ------------------------------------------------------------------------------------------------------

@pytest.fixture
def pausing(log):
    """A receiver that pauses its parser after each event of the kinds named in `at`."""
    class Pausing(log):
        at = ("head", "body", "end", "upgrade")
        parser: RequestParser

        def on_head(self, head):
            super().on_head(head)
            self.pause("head")

        def on_body(self, chunk):
            super().on_body(chunk)
            self.pause("body")

        def on_message_complete(self, trailers):
            super().on_message_complete(trailers)
            self.pause("end")

        def pause(self, kind):
            if kind in self.at:
                self.parser.pause()

    receiver = Pausing()
    receiver.parser = RequestParser(receiver, SETTINGS)
    return receiver


def test_pause_after_a_message_keeps_the_next_one(pausing):
    pausing.at = ("end",)
    pausing.parser.feed(GET % 1 + GET % 2 + GET % 3)
    assert pausing.events == ["GET /1 (no body)", "end"]
    assert pausing.parser.paused
    assert pausing.parser.unread() == 2 * len(GET % 1)
    pausing.parser.resume()
    assert pausing.events[2:] == ["GET /2 (no body)", "end"]
    assert pausing.parser.unread() == len(GET % 1)


def test_pause_is_obeyed_before_the_next_event_wherever_it_comes(pausing):
    data = POST + CHUNKED + GET % 1
    pausing.parser.feed(data)
    steps = [list(pausing.events)]
    while pausing.parser.paused:
        pausing.parser.resume()
        steps.append(list(pausing.events))
    assert [len(step) for step in steps] == [*range(1, 9), 8]
    assert steps[-1] == ["POST / (fixed)", "body hello", "end", "POST / (chunked)", "body hello", "end X|y",
                         "GET /1 (no body)", "end"]


def test_bytes_fed_to_a_paused_parser_come_after_those_it_kept(pausing):
    pausing.at = ("end",)
    pausing.parser.feed(GET % 1 + b"GET /2 HT")
    pausing.parser.feed(b"TP/1.1\r\nHost: a\r\n\r\n")
    assert len(pausing.events) == 2
    pausing.parser.resume()
    assert pausing.events[2:] == ["GET /2 (no body)", "end"]


def test_end_of_input_waits_for_a_paused_parser(pausing):
    pausing.at = ("head",)
    pausing.parser.feed(POST[:-1])
    pausing.parser.finish()
    assert pausing.events == ["POST / (fixed)"]
    pausing.parser.resume()
    assert pausing.events[1:] == ["body hell", "error HPE_INVALID_EOF_STATE 400"]


def test_resume_within_an_event_goes_on_after_it(log):
    class Resuming(log):
        def on_message_complete(self, trailers):
            super().on_message_complete(trailers)
            self.parser.pause()
            self.parser.resume()
            self.events.append("returned")

    receiver = Resuming()
    receiver.parser = RequestParser(receiver, SETTINGS)
    receiver.parser.feed(GET % 1 + GET % 2)
    assert receiver.events == ["GET /1 (no body)", "end", "returned", "GET /2 (no body)", "end", "returned"]


def test_feed_within_an_event_comes_after_what_is_there(log):
    class Feeding(log):
        def on_head(self, head):
            super().on_head(head)
            if head.url == "/1":
                self.parser.feed(GET % 3)

    receiver = Feeding()
    receiver.parser = RequestParser(receiver, SETTINGS)
    receiver.parser.feed(GET % 1 + GET % 2)
    assert [line for line in receiver.events if line != "end"] == [f"GET /{n} (no body)" for n in (1, 2, 3)]


# --- the receiver -------------------------------------------------------------------------------------------------

def test_body_that_comes_alone_is_not_copied():
    chunks = []

    class Receiver(MessageReceiver):
        def on_body(self, chunk):
            chunks.append(chunk)

    parser = RequestParser(Receiver(), SETTINGS)
    parser.feed(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n")
    data = b"x" * 1000
    parser.feed(data)
    assert chunks[0] is data


def test_exception_of_the_receiver_comes_out_of_feed_and_parsing_goes_on(log):
    class Raising(log):
        def on_head(self, head):
            super().on_head(head)
            if head.url == "/1":
                raise LookupError("mine")

    receiver = Raising()
    parser = RequestParser(receiver, SETTINGS)
    with pytest.raises(LookupError, match="mine"):
        parser.feed(GET % 1 + GET % 2)
    parser.resume()
    assert receiver.events == ["GET /1 (no body)", "end", "GET /2 (no body)", "end"]


def test_close_within_an_event_is_the_end_of_events(log):
    class Closing(log):
        def on_head(self, head):
            super().on_head(head)
            self.parser.close()

    receiver = Closing()
    receiver.parser = parser = RequestParser(receiver, SETTINGS)
    parser.feed(POST + GET % 1)
    parser.feed(GET % 2)
    parser.finish()
    parser.resume()
    assert receiver.events == ["POST / (fixed)"]


def test_closed_parser_is_freed_without_the_collector(log):
    receiver = log()
    parser = RequestParser(receiver, SETTINGS)
    parser.feed(GET % 1)
    gc.disable()
    try:
        gone = weakref.ref(receiver)
        parser.close()
        del receiver
        assert gone() is None
    finally:
        gc.enable()


def test_base_receiver_listens_to_everything_and_does_nothing():
    parser = RequestParser(MessageReceiver(), SETTINGS)
    parser.feed(CHUNKED + b"bad")
    RequestParser(MessageReceiver(), SETTINGS).feed(UPGRADE + b"\r\n")


def test_parser_refuses_what_is_no_bytes(log):
    parser = RequestParser(log(), SETTINGS)
    with pytest.raises(TypeError):
        parser.feed("GET / HTTP/1.1\r\n\r\n")


# --- what a head says ---------------------------------------------------------------------------------------------

def test_head_has_its_fields_as_they_came(requests):
    log = requests(b"PUT /a?b HTTP/1.1\r\nHOST: a\r\nX-Empty:\r\nx-b:  b \t c\t \r\nX-B: \xff\r\n\r\n")
    head = log.heads[0]
    assert (head.method, head.url, head.minor_version) == ("PUT", "/a?b", 1)
    assert head.fields == [b"HOST", b"a", b"X-Empty", b"", b"x-b", b"b \t c", b"X-B", b"\xff"]
    assert head.expect is None
    assert repr(head) == "<MessageHead 'PUT /a?b HTTP/1.1'>"


def test_head_of_a_response_has_status_and_reason(responses):
    head = responses(b"HTTP/1.0 404 Not  \xe4 Found\r\nContent-Length: 7\r\n\r\n").heads[0]
    assert (head.status, head.reason, head.minor_version) == (404, "Not  \xe4 Found", 0)
    assert (head.content_length, head.keep_alive) == (7, False)


def test_expectation_is_noted(requests):
    assert requests(GET[:-2] % 1 + b"expect:  100-Continue \r\n\r\n").heads[0].expect == b"100-Continue"


@pytest.mark.parametrize(("lines", "kept"), [
    (b"", True), (b"Connection: close\r\n", False), (b"connection: Close \r\n", False),
    (b"Connection: keep-alive\r\n", True), (b"Connection: Keep-Alive, close\r\n", False),
    (b"Connection: upgrade\r\nConnection: close\r\n", False), (b"Connection: closed\r\n", True)])
def test_connection_is_kept_in_1_1_unless_it_says_close(requests, lines, kept):
    log = requests(b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n" + GET % 1)
    assert log.heads[0].keep_alive is kept
    assert (log.error is None) is kept


@pytest.mark.parametrize(("lines", "kept"), [
    (b"", False), (b"Connection: close\r\n", False), (b"Connection: keep-alive\r\n", True),
    (b"Connection: x, Keep-Alive\r\n", True)])
def test_connection_is_kept_in_1_0_if_it_says_keep_alive(requests, lines, kept):
    log = requests(b"GET / HTTP/1.0\r\n" + lines + b"\r\n" + GET % 1)
    assert log.heads[0].keep_alive is kept
    assert (log.error is None) is kept


@pytest.mark.parametrize("line", [b"1a", b"1A", b"01a", b"0000000000000000000000001A", b"1a;x=y", b"1A;x;y"])
def test_size_of_a_chunk_is_hex(requests, line):
    log = requests(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
                   + line + b"\r\n" + b"x" * 26 + b"\r\n0\r\n\r\n")
    assert log.error is None
    assert log.body == b"abc" + b"x" * 26
    assert log.events[-1] == "end"


def test_size_of_a_chunk_may_be_the_largest_that_is_counted(requests, every_cut):
    for pieces in every_cut(CHUNKED.replace(b"5\r\n", b"7fffffffffffffff\r\n")):
        log = requests(pieces)
        assert log.error is None
        assert log.body.startswith(b"hello")


def test_white_space_after_the_size_of_a_chunk_is_for_those_who_ask_for_it(requests):
    settings = ParserSettings(http_validation="insecure")
    for line in (b"5 ", b"5 ;x=y"):
        assert requests(CHUNKED.replace(b"5\r\n", line + b"\r\n")).error is not None
        log = requests(CHUNKED.replace(b"5\r\n", line + b"\r\n"), settings)
        assert (log.error, log.body) == (None, b"hello")


# --- idle ---------------------------------------------------------------------------------------------------------

def test_parser_is_idle_only_between_messages(log):
    parser = RequestParser(log(), SETTINGS)
    assert parser.is_idle()
    for at in range(len(POST)):
        parser.feed(POST[at:at + 1])
        assert parser.is_idle() is (at == len(POST) - 1)
    parser.feed(b"\r\n")
    assert parser.is_idle()
    parser.feed(b"G")
    assert not parser.is_idle()


def test_parser_that_keeps_bytes_is_not_idle(pausing):
    pausing.at = ("end",)
    pausing.parser.feed(GET % 1 + b"G")
    assert not pausing.parser.is_idle()
    assert pausing.parser.unread() == 1


# --- leaving HTTP -------------------------------------------------------------------------------------------------

def test_upgrade_hands_over_every_byte_after_the_request(requests, every_cut):
    for pieces in every_cut(UPGRADE + b"\r\n\x81\x05hello"):
        log = requests(pieces)
        assert log.events == ["GET / (no body, upgrade)", "end", "upgrade"]
        assert b"\x81\x05hello".startswith(log.rest)
    assert requests(UPGRADE + b"\r\n\x81\x05hello").rest == b"\x81\x05hello"


@pytest.mark.parametrize("framed", [b"Content-Length: 5\r\n\r\nhello",
                                    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"])
def test_body_of_an_upgrade_comes_before_the_other_protocol(requests, every_cut, framed):
    for pieces in every_cut(UPGRADE + framed + b"rest"):
        log = requests(pieces)
        assert [log.events[1:], log.body] == [["body hello", "end", "upgrade"], b"hello"]
    assert requests(UPGRADE + framed + b"rest").rest == b"rest"


@pytest.mark.parametrize("framed", [b"\r\n", b"Content-Length: 5\r\n\r\nhello",
                                    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"])
def test_declined_upgrade_is_an_ordinary_request(log, every_cut, framed):
    class Declining(log):
        def on_head(self, head):
            head.upgrade = False
            super().on_head(head)

    for pieces in every_cut(UPGRADE + framed + GET % 1):
        receiver = Declining()
        parser = RequestParser(receiver, SETTINGS)
        for piece in pieces:
            parser.feed(piece)
        assert receiver.events[-2:] == ["GET /1 (no body)", "end"]
        assert receiver.error is None


def test_upgrade_in_1_0_is_ignored(requests):
    log = requests(b"GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: x\r\n\r\n" + GET % 1)
    assert log.events == ["GET / (no body)", "end", "GET /1 (no body)", "end"]


@pytest.mark.parametrize("lines", [b"Upgrade: x\r\n", b"Connection: upgrade\r\n", b"Connection: upgraded\r\nUpgrade: x\r\n"])
def test_half_an_upgrade_is_none(requests, lines):
    log = requests(b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n" + GET % 1)
    assert log.events == ["GET / (no body)", "end", "GET /1 (no body)", "end"]


def test_everything_after_connect_belongs_to_the_tunnel(requests, every_cut):
    data = b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\n\r\n"
    for pieces in every_cut(data + b"raw"):
        assert requests(pieces).events == ["CONNECT a:1 (no body, upgrade)", "end", "upgrade"]
    assert requests(data + b"raw").rest == b"raw"


def test_parser_that_left_http_takes_no_more(requests):
    log = requests([UPGRADE + b"\r\n", b"GET / HTTP/1.1\r\n\r\n"], end=True)
    assert log.events[-1] == "upgrade"
    assert log.rest == b""


def test_pause_before_the_upgrade_holds_it_back(pausing):
    pausing.at = ("end",)
    pausing.parser.feed(UPGRADE + b"\r\nab")
    assert pausing.events[-1] == "end"
    pausing.parser.feed(b"cd")
    pausing.parser.resume()
    assert pausing.rest == b"abcd"


# --- the end of the input -----------------------------------------------------------------------------------------

def test_end_between_messages_is_no_event(requests):
    assert requests(POST + b"\r\n\r\n", end=True).events == ["POST / (fixed)", "body hello", "end"]
    assert requests(b"", end=True).events == []


@pytest.mark.parametrize("data", [POST, CHUNKED])
def test_end_within_a_message_is_an_error(requests, data):
    for size in range(1, len(data)):
        log = requests(data[:size], end=True)
        assert log.error.code == "HPE_INVALID_EOF_STATE"
        assert not any(line.startswith("end") for line in log.events)


def test_response_without_framing_goes_on_until_the_end(responses, every_cut):
    for pieces in every_cut(b"HTTP/1.1 200 OK\r\n\r\nhello"):
        log = responses(pieces)
        assert log.events == ["200 OK (until close, close)", "body hello"]
        log.parser.finish()
        assert log.events[2:] == ["end"]


# --- responses ----------------------------------------------------------------------------------------------------

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("framed", [b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n", b""])
def test_response_to_head_has_no_body(responses, every_cut, framed):
    for pieces in every_cut(b"HTTP/1.1 200 OK\r\n" + framed + b"\r\n" + b"HTTP/1.1 404 Not Found\r\n\r\n"):
        assert responses(pieces, "HEAD").events == ["200 OK (no body)", "end", "404 Not Found (no body)", "end"]


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_response_without_content_has_no_body(responses, every_cut, status):
    for pieces in every_cut(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n" + ANSWER):
        assert responses(pieces).events == [f"{status.decode()} (no body)", "end", "200 OK (fixed)", "body ok", "end"]


def test_informational_responses_come_before_the_answer(responses, every_cut):
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    for pieces in every_cut(b"HTTP/1.1 100 Continue\r\n\r\n" + early + ANSWER):
        log = responses(pieces)
        assert [head.status for head in log.heads] == [100, 103, 200]
        assert log.body == b"ok"


def test_tunnel_opens_with_2xx_to_connect_whatever_its_fields_say(responses, every_cut):
    for pieces in every_cut(ANSWER):
        log = responses(pieces, "CONNECT")
        assert log.events == ["200 OK (no body, upgrade)", "end", "upgrade"]
    assert responses(ANSWER, "CONNECT").rest == b"ok"


def test_refused_connect_is_an_ordinary_response(responses):
    log = responses(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno", "CONNECT")
    assert log.events == ["407 Proxy Authentication Required (fixed)", "body no", "end"]


def test_switch_that_was_asked_for_hands_over_the_rest(responses, every_cut):
    data = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    for pieces in every_cut(data + b"rest"):
        assert responses(pieces, upgrade=True).events == [
            "101 Switching Protocols (no body, upgrade)", "end", "upgrade"]
    assert responses(data + b"rest", upgrade=True).rest == b"rest"


def test_response_that_nobody_waits_for_is_an_error(log):
    receiver = log()
    parser = ResponseParser(receiver, SETTINGS)
    parser.feed(ANSWER)
    assert receiver.events == ["error HPE_CLOSED_CONNECTION 400"]


def test_bytes_after_the_answer_are_an_error(log):
    receiver = log()
    parser = ResponseParser(receiver, SETTINGS)
    parser.expect("GET")
    parser.feed(ANSWER + b"x")
    assert receiver.events == ["200 OK (fixed)", "body ok", "end", "error HPE_CLOSED_CONNECTION 400"]


def test_parser_serves_one_request_after_the_other(log):
    receiver = log()
    parser = ResponseParser(receiver, SETTINGS)
    for method in ("GET", "HEAD", "GET"):
        parser.expect(method)
        parser.feed(ANSWER if method == "GET" else ANSWER[:-2])
        assert parser.is_idle()
    assert receiver.events == ["200 OK (fixed)", "body ok", "end", "200 OK (no body)", "end",
                               "200 OK (fixed)", "body ok", "end"]


# --- errors -------------------------------------------------------------------------------------------------------

def test_error_says_how_far_the_parser_came(requests):
    data = b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"
    error = requests(GET % 1 + data).error
    assert isinstance(error, ParseError)
    assert (error.code, error.status, str(error)) == (
        "HPE_INVALID_HEADER_TOKEN", 400, "Parse Error: Invalid header token")
    assert error.raw_packet == GET % 1 + data
    assert error.bytes_parsed == len(GET % 1) + data.index(b" : ")


BODY = CHUNKED[:CHUNKED.index(b"5\r\n")]


@pytest.mark.parametrize(("before", "bad", "good"), [
    (b"GET / HT", b"XP/1.1\r\n", 0), (b"GET / HTTP/1.1\r\nX", b"yz : 1", 2),
    (BODY, b"5\r\nhello!", 8), (BODY + b"5\r\nhello", b"\r\r", 1), (BODY + b"5\r\nhello\r", b"\nG", 1),
    (BODY + b"5\r\nhello\r\n", b"5;a=b\x00", 5), (BODY + b"0\r\n", b"X : y\r\n", 1), (BODY + b"0\r\nX", b"y : ", 1)])
def test_error_says_how_far_the_parser_came_in_the_last_piece(requests, before, bad, good):
    error = requests([before, bad]).error
    assert (error.raw_packet, error.bytes_parsed) == (bad, good)


def test_error_of_a_response_says_how_far_the_parser_came(responses):
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5 \r\n"
    assert responses(data).error.bytes_parsed == len(data) - 3


def test_error_can_be_pickled(requests):
    error = requests(b"GET / HTTP/1.1\r\nX : y\r\n\r\n").error
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.reason, again.status, again.bytes_parsed, again.raw_packet) == (
        error.code, error.reason, error.status, error.bytes_parsed, error.raw_packet)

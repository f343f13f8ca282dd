"""Response: what awaiting a request gives, for programs that just want an answer.

    response = await http.get("http://example.org/", max_redirects=5)
    print(response.status_code, await response.text())
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import ref

from ..errors import StateError
from .client_faults import hang_up
from .client_reading import BodyReading, too_large

if TYPE_CHECKING:
    from typing import Self

    from .client_request import ClientRequest
    from .incoming_response import IncomingResponse

__all__ = ["Response", "answer", "READ_SIZE"]

READ_SIZE = 100 * 2**20         # bytes that read() keeps at most unless told otherwise: 100 MiB, as ws's maxPayload
_SHOWN_LENGTH = 80              # characters of what is no JSON
_SHOWN_SIZE = 4 * _SHOWN_LENGTH     # bytes that these have at most

# What a server may choose: the encodings of https://encoding.spec.whatwg.org that Python has by this name.  Others that
# Python has take quadratic time (punycode), or are no encodings of text.
_is_of_the_web = re.compile(r"utf-?8|utf-16(le|be)?|(us-)?ascii|latin-?1|iso-?8859-?([1-9]|1[0134568])|windows-125[0-8]"
                            r"|cp125[0-8]|koi8-[ru]|gbk|gb2312|gb18030|big5(-hkscs)?|euc-(jp|kr)|shift[-_]jis|iso-2022-jp",
                            re.IGNORECASE).fullmatch


class Response:
    """The response to an awaited request: its head came, its body is still to be read.

    `message` is the `IncomingMessage` with its events, for `pipe` and all the rest; `request` the `ClientRequest` that it
    answers, which is the last one where redirects were followed.  ``async for chunk in response`` reads the body
    piece by piece, at the reader's pace; ``async with`` closes a response that was not read to its end.

    Source: netloop's own.  In Node, `read` is the stream's, which gives what is buffered.
    """

    def __init__(self, request: ClientRequest, message: IncomingResponse) -> None:
        self.request = request
        self.message = message

    # --- the head ------------------------------------------------------------------------------------------------

    @property
    def status_code(self) -> int:
        return self.message.status_code or 0

    @property
    def status_message(self) -> str:
        return self.message.status_message or ""

    @property
    def headers(self) -> dict[str, Any]:
        """The header fields by lower-case name; see `IncomingMessage.headers`."""
        return self.message.headers

    @property
    def raw_headers(self) -> list[str]:
        return self.message.raw_headers

    @property
    def trailers(self) -> dict[str, Any]:
        """The fields after the body; empty before it was read."""
        return self.message.trailers

    @property
    def url(self) -> str:
        """The URL that this came from, after redirects."""
        return self.request._url()

    @property
    def steps_ms(self) -> dict[str, float]:
        """How long what took, in milliseconds: socket, lookup, connect, secure, send, head, body; those there were."""
        return self.request.steps.milliseconds()

    # --- the body ------------------------------------------------------------------------------------------------

    async def read(self, max_size: int = READ_SIZE) -> bytes:
        """The whole body, as often as somebody asks, and for all who ask at a time.

        What ``async for`` took before is not in there.

        Raises:
            StateError: it is larger than `max_size` bytes (ERR_HTTP_BODY_TOO_LARGE); the response is destroyed, unless
                somebody else reads it.
            ConnectionResetError: the connection was lost in the middle (ECONNRESET).
            ParseError: what came is no HTTP (HPE_...).
        """
        message = self.message
        body = message._take_whole(max_size) if message._body is None else message._body
        if body is None:
            try:
                body = await (message._reading or BodyReading(message)).whole(max_size)
            except BaseException as error:
                _annotate_cancelling(self.request, error)
                raise
        if len(body) > max_size:
            raise too_large(max_size)
        return body

    async def text(self, encoding: str | None = None, max_size: int = READ_SIZE) -> str:
        """The whole body as text: in `encoding`, or in the charset of Content-Type if that is one of the Web, or UTF-8.

        What cannot be decoded becomes U+FFFD.  Raises LookupError for an `encoding` that Python does not know.
        """
        return self._decoded(await self.read(max_size), encoding)

    def _decoded(self, body: bytes, encoding: str | None = None) -> str:
        return body.decode(encoding or charset_of(self.headers.get("content-type", "")) or "utf-8", "replace")

    async def json(self, max_size: int = READ_SIZE) -> Any:
        """The whole body, parsed as JSON.

        Raises ValueError for anything else: `json.JSONDecodeError`, UnicodeDecodeError; a note says what came instead.
        """
        from json import loads
        body = await self.read(max_size)
        try:
            return loads(body)
        except ValueError as error:
            error.add_note(f"{self.url} answered {self.status_code} {self.status_message}, with Content-Type "
                           f"{self.headers.get('content-type')!r} and {len(body)} bytes that begin with "
                           f"{self._decoded(body[:_SHOWN_SIZE])[:_SHOWN_LENGTH]!r}")
            raise

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self.message)

    def destroy(self) -> None:
        """The rest is not wanted: closes the connection, unless all came already."""
        self.message.destroy()
        self.request.destroy()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        if not self.message.complete:
            self.destroy()
        else:
            self.message._dump()

    def __repr__(self) -> str:
        return f"<Response {self.status_code} {self.status_message} from {self.url}>"


def charset_of(content_type: str) -> str | None:
    """The encoding that it names, if that may be chosen from outside."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"')
            return charset if _is_of_the_web(charset) else None
    return None


# --- waiting for it -------------------------------------------------------------------------------------------------

def answer(request: ClientRequest) -> Generator[Any, Any, Response]:
    """What ``await request`` does: wait for the response, and follow as many redirects as the request wants."""
    first = request
    redirects = request._options.max_redirects
    try:
        while True:
            if request._followed is None:
                response = yield from _response_to(request)
                if request._options.max_redirects == 0:
                    return response
                if request._followed is None:       # else somebody who awaits it too was first
                    from .redirects import next_request
                    request._followed = next_request(response, redirects)
                if request._followed is None:
                    return response
            redirects -= 1
            request = request._followed
    except BaseException as error:
        note = f"{first._method} {first._url()} was redirected there"
        if request is not first and note not in getattr(error, "__notes__", ()):    # all who await it get the same error
            error.add_note(note)
        raise


def _response_to(request: ClientRequest) -> Generator[Any, Any, Response]:
    """The response to this request alone, the same for all who await it."""
    early = request.response
    message = (yield from _wait(request)) if early is None else early
    response = None if request._given is None else request._given()
    if response is None:
        if early is not None:
            _claim(request, early)
        response = Response(request, message)
        request._given = ref(response)          # weak, for each would keep the other
    return response


def _wait(request: ClientRequest) -> Generator[Any, Any, IncomingResponse]:
    if request.closed:
        raise request.errored or hang_up()
    try:
        return (yield from request._wait())
    except BaseException as error:
        _annotate_cancelling(request, error)
        request._wait_no_more()
        raise


def _annotate_cancelling(request: ClientRequest, error: BaseException) -> None:
    """Who cancels is a timeout as a rule, and this the cause of its TimeoutError: it shall say how far the request was."""
    from asyncio import CancelledError
    if isinstance(error, CancelledError):
        request._annotate(error)


def _claim(request: ClientRequest, message: IncomingResponse) -> None:
    """The response came before somebody awaited it."""
    request._unheard = False
    request._answered = True
    if message._dumped:
        raise StateError("the body was thrown away: it was larger than the buffer, and nobody listened for `response`",
                         "ERR_HTTP_BODY_THROWN_AWAY")

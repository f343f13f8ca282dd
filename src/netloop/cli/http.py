"""`netloop http`: ask a web server, and show the answer."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .arguments import header_field
from .ending import failure, run_to_end, story
from .trust import unverified

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..http import ClientRequest

__all__ = ["command"]


def command(
    where: Annotated[list[str], typer.Argument(metavar="[METHOD] URL", show_default=False, help=(
        "What to ask, and of whom; \"http://\" may be left out.  "
        "The method is GET, or POST if there is something to send."))],
    header: Annotated[list[str] | None, typer.Option("--header", "-H", metavar="FIELD", show_default=False, help=(
        "A header field: \"Name: value\", instead of the request's own.  May be given several times."))] = None,
    data: Annotated[str | None, typer.Option("--data", "-d", metavar="TEXT", show_default=False, help=(
        "The body to send.  @FILE: what is in a file; @-: the standard input."))] = None,
    location: Annotated[bool, typer.Option("--location", "-L", help="Follow redirects.")] = False,
    fail: Annotated[bool, typer.Option("--fail", "-f", help="End with status 1 if the answer is 400 or above.")] = False,
    ca: Annotated[Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, show_default=False, help=(
        "For https: the certificates to trust instead of the system's, as PEM."))] = None,
    insecure: Annotated[bool, typer.Option("--insecure", "-k", help="For https: accept any certificate.")] = False,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.001, show_default=False, help=(
        "Give up when nothing moved for so long."))] = None,
) -> None:
    """Ask a web server: status and header fields go to stderr, the body to stdout.

    Look at a page:  netloop http example.org

    Download a file:  netloop http https://example.org/file.iso > file.iso

    Send one:  netloop http PUT localhost:8000 --data @file.iso

    The proxies that HTTP_PROXY and HTTPS_PROXY name are used, but for those whom NO_PROXY lists.
    """
    from ..errors import AggregateError, ArgumentTypeError, ArgumentValueError, NetloopError
    from .stdio import open_closed

    method, url = _target(where, data is not None)
    trust = _trust(url, ca, insecure)
    fields = [part for field in header or () for part in header_field(field)]
    open_closed()
    try:
        status = run_to_end(lambda: _ask(method, url, fields, data, timeout, max_redirects=location, **trust))
    except (ArgumentTypeError, ArgumentValueError) as error:
        raise typer.BadParameter(str(error)) from None
    except (OSError, AggregateError, NetloopError) as error:
        raise failure(f"netloop http: {story(error)}") from None
    if fail and status >= 400:
        raise typer.Exit(1)


# --- what to ask ----------------------------------------------------------------------------------------------------

def _target(where: list[str], sends: bool) -> tuple[str, str]:
    if len(where) not in (1, 2):
        raise typer.BadParameter("netloop http takes [METHOD] URL", param_hint="URL")
    url = where[-1]
    if "://" not in url:
        url = f"http://{url}"
    return where[0] if len(where) == 2 else "POST" if sends else "GET", url


def _trust(url: str, ca: Path | None, insecure: bool) -> dict[str, Any]:
    """The options of TLS."""
    for name, value in {"--ca": ca, "--insecure": insecure}.items():
        if value and not url.lower().startswith("https:"):
            raise typer.BadParameter("only https:// has certificates", param_hint=name)
    options: dict[str, Any] = {} if ca is None else {"ca": ca}
    return options | (unverified() if insecure else {})


async def _ask(method: str, url: str, fields: list[str], data: str | None, timeout: float | None, **options: Any) -> int:
    """Make the request, show the response; returns its status."""
    from .http_body import Bodies
    from .http_display import show

    _use_proxies()
    request = _request(method, url, **options)
    _set_fields(request, fields)
    if timeout is not None:
        _limit_silence(request, timeout)
    _send(request, data)
    with Bodies() as bodies:
        response = await request
    body = bodies.of(response.message)
    async with response:
        await show(response, body)
        body.check()
        return response.status_code


def _request(method: str, url: str, **options: Any) -> ClientRequest:
    ask: Callable[..., ClientRequest]
    if url.lower().startswith("https:"):
        from .. import https
        ask = https.request
    else:
        from .. import http
        ask = http.request
    return ask(url, method=method, **options)


def _set_fields(request: ClientRequest, fields: list[str]) -> None:
    """Set what the user gave instead of what the request has by itself; a name that comes again is a field more."""
    given: set[str] = set()
    for name, value in zip(fields[::2], fields[1::2], strict=True):
        put = request.append_header if name.lower() in given else request.set_header
        put(name, value)
        given.add(name.lower())


def _use_proxies() -> None:
    """Have the global agents use the proxies of the environment: they are asked for redirects, too, wherever these lead.

    As curl has it, a proxy may be named without ``http://``.
    """
    from ..http import set_global_proxy_from_env

    proxies = {name: value for name, value in os.environ.items() if name.lower() in ("http_proxy", "https_proxy")}
    named = {name: f"http://{value}" for name, value in proxies.items() if value and "://" not in value}
    set_global_proxy_from_env({**os.environ, **named})


def _limit_silence(request: ClientRequest, seconds: float) -> None:
    def on_timeout() -> None:
        request.destroy(TimeoutError(f"nothing moved within {seconds:g} s"))

    request.set_timeout(seconds * 1000, on_timeout)


def _send(request: ClientRequest, data: str | None) -> None:
    """Send the body; what goes wrong with it is an error of the request."""
    from ..errors import NetloopError

    try:
        if data is not None and data.startswith("@"):
            _send_file(request, data[1:])
        else:
            request.end(data)
    except (OSError, NetloopError) as error:
        request.destroy(error)


def _send_file(request: ClientRequest, name: str) -> None:
    from ..stream import pipeline
    from .stdio import STDIN, Input

    fd = STDIN if name == "-" else _opened(name)
    status = os.fstat(fd)
    framed = request.has_header("Content-Length") or request.has_header("Transfer-Encoding")     # by the user
    if stat.S_ISREG(status.st_mode) and not framed:
        request.set_header("Content-Length", max(0, status.st_size - os.lseek(fd, 0, os.SEEK_CUR)))
    pipeline(Input(fd, name), request, lambda error: None)


def _opened(name: str) -> int:
    from ..errors import system_error

    try:
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise system_error(error.errno or 0, "open", name) from None

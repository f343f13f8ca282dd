"""Redirects between http and https, and what does not follow them to another origin."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme

from netloop import http, https
from netloop.errors import ArgumentValueError

LOOPBACK = "127.0.0.1"
SECRETS = {"Authorization": "Bearer secret", "cookie": "a=secret", "Proxy-Authorization": "secret", "X-Kept": "1"}
PAIRS = [("Host", "localhost"), *SECRETS.items()]       # whoever gives a list says all of it


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


class Site:
    """A server that redirects `/from` to `target`, and keeps what else it is asked."""

    def __init__(self, make: Any = http.create_server, **options: Any) -> None:
        self.server = make(self._on_request, **options)
        self.scheme = "https" if isinstance(self.server, https.Server) else "http"
        self.status = 302
        self.target = ""
        self.seen: list[Any] = []
        self.certificates: list[Any] = []

    def _on_request(self, request: http.IncomingMessage, response: http.ServerResponse) -> None:
        if request.url == "/from":
            response.write_head(self.status, {"Location": self.target}).end()
            return
        if self.scheme == "https":
            self.certificates.append(request.socket.get_peer_certificate())  # type: ignore[union-attr]
        body: list[bytes] = []

        def on_end() -> None:
            self.seen.append((request.method, request.headers, b"".join(body)))
            response.end(request.url)

        request.on("data", body.append).on("end", on_end)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server.address().port}"


@asynccontextmanager
async def two_sites(authority: trustme.CA, *, secure: tuple[bool, bool]) -> AsyncIterator[tuple[Site, Site]]:
    """The first redirects to the second; the global agent of https trusts both."""
    issued = authority.issue_cert("localhost")
    tls = {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes(), "request_cert": True,
           "reject_unauthorized": False, "ca": authority.cert_pem.bytes()}
    sites = [Site(https.create_server, **tls) if each else Site() for each in secure]
    for site in sites:
        await site.server.listen(0, LOOPBACK)
    sites[0].target = f"{sites[1].url}/to?a"
    https.global_agent = https.Agent(ca=authority.cert_pem.bytes())
    try:
        yield sites[0], sites[1]
    finally:
        del https.global_agent
        http.global_agent.destroy()
        for site in sites:
            await site.server.shutdown(0)


def asking(site: Site) -> Any:
    return https.request if site.scheme == "https" else http.request


@pytest.mark.parametrize("secure", [(False, True), (True, False)])
async def test_a_redirect_leads_from_http_to_https_and_back(authority: trustme.CA, secure: tuple[bool, bool]) -> None:
    async with two_sites(authority, secure=secure) as (first, second):
        response = await asking(first)(f"{first.url}/from", max_redirects=1).end()
        assert (response.url, await response.text()) == (f"{second.url}/to?a", "/to?a")


@pytest.mark.parametrize("secure", [(False, True), (True, False), (False, False), (True, True)])
@pytest.mark.parametrize("headers", [SECRETS, PAIRS, [each for pair in PAIRS for each in pair]])
async def test_secrets_do_not_follow_to_another_origin(authority: trustme.CA, secure: tuple[bool, bool],
                                                       headers: Any) -> None:
    async with two_sites(authority, secure=secure) as (first, second):
        await (await asking(first)(f"{first.url}/from", headers=headers, max_redirects=1).end()).read()
        [(_, seen, _)] = second.seen
        assert seen.keys().isdisjoint(["authorization", "cookie", "proxy-authorization"])
        assert (seen["x-kept"], seen["host"]) == ("1", second.url.partition("://")[2])


async def test_secrets_follow_within_the_origin(authority: trustme.CA) -> None:
    async with two_sites(authority, secure=(True, True)) as (first, _):
        first.target = "/to"
        await (await https.get(f"{first.url}/from", headers=PAIRS, max_redirects=1)).read()
        [(_, seen, _)] = first.seen
        assert (seen["authorization"], seen["cookie"], seen["x-kept"]) == ("Bearer secret", "a=secret", "1")


async def test_the_certificate_that_we_show_does_not_follow_to_another_origin(authority: trustme.CA) -> None:
    async with two_sites(authority, secure=(True, True)) as (first, second):
        issued = authority.issue_cert("client.test")
        options = {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes(),
                   "servername": "localhost", "max_redirects": 2}
        second.target = f"{second.url}/again"
        await (await https.get(f"{first.url}/shown", **options)).read()
        await (await https.get(f"{first.url}/from", **options)).read()
        assert [bool(certificate) for certificate in first.certificates + second.certificates] == [True, False]


@pytest.mark.skipif(not getattr(ssl, "HAS_PSK", False), reason="ssl has them from Python 3.13 on")
async def test_the_key_that_we_share_with_one_host_is_not_offered_to_another(authority: trustme.CA) -> None:
    async with two_sites(authority, secure=(True, True)) as (first, second):
        asked: list[Any] = []

        def own_key(hint: str | None) -> dict[str, Any]:
            asked.append(hint)
            return {"identity": "me", "psk": bytes(32)}

        response = await https.get(f"{first.url}/from", psk_callback=own_key, max_redirects=1)
        await response.read()
        assert len(second.seen) == 1
        assert asked == [None]


@pytest.mark.parametrize("secure", [(False, True), (True, False)])
async def test_a_body_is_sent_again_over_the_other_protocol(authority: trustme.CA, secure: tuple[bool, bool]) -> None:
    async with two_sites(authority, secure=secure) as (first, second):
        first.status = 307
        await (await asking(first)(f"{first.url}/from", method="PUT", max_redirects=1).end(b"body")).read()
        assert [(method, body) for method, _, body in second.seen] == [("PUT", b"body")]


async def test_ways_to_connect_do_not_follow_to_the_other_protocol(authority: trustme.CA) -> None:
    """A function that opens plain connections must not be taken for encrypted ones."""
    from netloop import net
    opened = []

    def plain(callback: Any, **options: Any) -> net.Socket:
        opened.append(options["port"])
        return net.connect(**options)

    async with two_sites(authority, secure=(False, True)) as (first, second):
        await (await http.get(f"{first.url}/from", create_connection=plain, max_redirects=1)).read()
        assert opened == [first.server.address().port]
        assert len(second.seen) == 1


@pytest.mark.parametrize("target", ["ftp://localhost/", "file:///etc/passwd", "javascript:alert(1)", "http://"])
async def test_a_redirect_to_what_is_no_http_is_an_error(authority: trustme.CA, target: str) -> None:
    async with two_sites(authority, secure=(True, False)) as (first, _):
        first.target = target
        with pytest.raises(ArgumentValueError) as caught:
            await https.get(f"{first.url}/from", max_redirects=5)
        assert caught.value.code in ("ERR_INVALID_PROTOCOL", "ERR_INVALID_URL")


async def test_redirects_in_a_circle_through_both_protocols_are_an_error(authority: trustme.CA) -> None:
    async with two_sites(authority, secure=(True, False)) as (first, second):
        first.target, second.target = f"{second.url}/from", f"{first.url}/from"
        with pytest.raises(RuntimeError) as caught:
            await https.get(f"{first.url}/from", max_redirects=5)
        assert caught.value.code == "ERR_HTTP_TOO_MANY_REDIRECTS"  # type: ignore[attr-defined]

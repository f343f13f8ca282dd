"""Proxies: which requests go through a proxy, as the environment says.

``HTTP_PROXY=http://user:password@proxy:3128`` names the proxy of plain HTTP, ``HTTPS_PROXY`` that of HTTPS; the names in
lower case win.  One whose URL begins with ``https://`` is spoken to over TLS, so that nobody on the way to it learns its
credentials and whom we ask.  ``NO_PROXY`` lists those to be asked directly, by commas: ``example.org`` (and what ends with
``.example.org``), ``.example.org`` or ``*.example.org`` (only those), ``10.0.0.1``, ``10.0.0.0/8``, ``10.0.0.1-10.0.0.9``,
each with ``:port`` if only that one is meant, or ``*`` for all.

A plain request goes to the proxy in absolute-form (RFC 9112 section 3.2.2); one over TLS goes through a tunnel, which
is the business of `https`.

Source: https://nodejs.org/api/http.html#built-in-proxy-support
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError, invalid_type
from ..ip import is_ip
from .client_options import basic
from .client_url import DEFAULT_PORTS, URL, parse_url

if TYPE_CHECKING:
    from ..tls.socket import TLSSocket
    from .client_options import RequestOptions
    from .client_request import ClientRequest

__all__ = ["Proxies", "address_of", "connect_securely"]


class Proxies:
    """The proxies that an environment names.

    Raises ArgumentValueError (ERR_PROXY_INVALID_CONFIG) for a URL that is no HTTP proxy's.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        if not isinstance(environment, Mapping):
            raise invalid_type("proxy_env", "a mapping such as os.environ", environment)
        self._by_protocol = {"http:": _proxy(environment, "http_proxy"), "https:": _proxy(environment, "https_proxy")}
        excluded = (_value(environment, "no_proxy") or "").split(",")
        self._excluded = [entry.strip().lower() for entry in excluded if entry.strip()]

    def proxy_for(self, protocol: str, host: str, port: int) -> URL | None:
        """The proxy to ask, or None to ask directly."""
        proxy = self._by_protocol.get(protocol)
        if proxy is None or any(_excludes(entry, host.lower(), port) for entry in self._excluded):
            return None
        return proxy

    def apply(self, request: ClientRequest, options: RequestOptions) -> None:
        """Send a plain request by its proxy, if it has one."""
        if options.protocol != "http:" or options.socket_path is not None or options.create_connection is not None:
            return
        proxy = self.proxy_for(options.protocol, options.host, options.port)
        if proxy is None or options.proxy is not None:      # the second: it was done before
            return
        if request.method != "CONNECT":
            request.path = options.absolute(request.path)       # raises for what is no path
        if proxy.auth is not None and not request.has_header("proxy-authorization"):
            request.set_header("Proxy-Authorization", basic(proxy.auth))
        options.proxy = proxy
        options.connect["host"], options.connect["port"] = address_of(proxy)


def address_of(proxy: URL) -> tuple[str, int]:
    """Its host and port."""
    return proxy.host, DEFAULT_PORTS[proxy.protocol] if proxy.port is None else proxy.port


def connect_securely(_callback: Callable[..., object] | None = None, /, **options: Any) -> TLSSocket:
    """`create_connection` for a proxy that is spoken to over TLS.

    It proves its name to those who are trusted by default: the options of TLS that a request has are for its origin.
    """
    from ..tls.functions import connect
    return connect(**options).once("error", _explain)


def _explain(error: Exception) -> None:
    if getattr(error, "code", None) == "ERR_SSL_WRONG_VERSION_NUMBER":
        error.add_note("The proxy does not seem to speak TLS; if it does not, its URL begins with http://")


def _proxy(environment: Mapping[str, str], name: str) -> URL | None:
    value = _value(environment, name)
    if not value:
        return None
    try:
        proxy = parse_url(value)
    except ArgumentValueError as error:
        raise ArgumentValueError(f"{name.upper()}: {error}", "ERR_PROXY_INVALID_CONFIG") from None
    if proxy.protocol not in DEFAULT_PORTS:
        raise ArgumentValueError(f"{name.upper()} must begin with http:// or https://; got {proxy}",
                                 "ERR_PROXY_INVALID_CONFIG")
    return proxy


def _value(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name)
    if not (value or (name == "http_proxy" and "REQUEST_METHOD" in environment)):
        value = environment.get(name.upper())       # in a CGI program HTTP_PROXY is the client's header field Proxy
    if value is not None and not isinstance(value, str):
        raise invalid_type(name.upper(), "a str", value)
    return value


# --- NO_PROXY -------------------------------------------------------------------------------------------------------

def _excludes(entry: str, host: str, port: int) -> bool:
    entry, only_port = _split_port(entry)
    if only_port is not None and only_port != port:
        return False
    if entry == "*" or entry == host:
        return True
    family = is_ip(host)
    if family:
        return _holds_address(entry, host, family)
    if entry.startswith("*."):
        entry = entry[1:]
    return host.endswith(entry if entry.startswith(".") else "." + entry)


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        address, _, rest = entry[1:].partition("]")
        return address, int(rest[1:]) if rest[1:].isdigit() else None
    name, colon, port = entry.rpartition(":")
    if colon and port.isdigit() and ":" not in name:
        return name, int(port)
    return entry, None


def _holds_address(entry: str, host: str, family: int) -> bool:
    from ..addresses.block_list import BlockList
    addresses: Any = BlockList()
    name = f"ipv{family}"
    try:
        if "/" in entry:
            network, _, bits = entry.partition("/")
            addresses.add_subnet(network, int(bits), name)
        elif "-" in entry:
            first, _, last = entry.partition("-")
            addresses.add_range(first.strip(), last.strip(), name)
        else:
            addresses.add_address(entry, name)
    except ValueError:
        return False                # a name, or of the other family
    return bool(addresses.check(host, name))

"""The HTTPS service: the pages of the HTTP service, encrypted, with a certificate that is made when the demo starts."""

from __future__ import annotations

from importlib.util import find_spec

from ...http import Server
from ...https import create_server
from ...net import is_ipv6
from .web import Web
from .web_chat import WebChat

__all__ = ["SecureWeb"]

NAMES = ("localhost", "127.0.0.1", "::1")


class SecureWeb(Web):
    """Answers requests over TLS.  Nobody knows its certificate, so browsers and curl have to be told to go on."""

    name = "https"
    colour = "cyan"
    summary = "the same, encrypted; its certificate is new"
    own_port = 12443

    @classmethod
    def missing(cls) -> str | None:
        return None if find_spec("trustme") else "https needs a certificate to start with: pip install 'netloop[demo]'"

    def make_server(self) -> Server:
        import trustme

        certificate = trustme.CA().issue_cert(*NAMES)
        server = create_server(self._on_request, key=certificate.private_key_pem.bytes(),
                               cert=b"".join(each.bytes() for each in certificate.cert_chain_pems))
        server.on("tls_client_error", self._on_refused)
        self.chat = WebChat(self.log, self.name, server)
        return server

    def try_it(self, host: str, port: int) -> str:
        return f"curl -k https://{f'[{host}]' if is_ipv6(host) else host}:{port}/"

    def _on_refused(self, error: Exception) -> None:
        self.log.write(self.name, f"no handshake: {error}")

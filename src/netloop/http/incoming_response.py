"""IncomingResponse: the `IncomingMessage` of a client; it tells its request when it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .incoming_message import IncomingMessage

if TYPE_CHECKING:
    from .client_request import ClientRequest

__all__ = ["IncomingResponse"]


class IncomingResponse(IncomingMessage):
    """A response, made by a client's connection."""

    if TYPE_CHECKING:
        _request: ClientRequest | None

    def _emit_closed(self) -> None:
        request, self._request = self._request, None
        IncomingMessage._emit_closed(self)
        if request is not None:
            request._on_response_closed()

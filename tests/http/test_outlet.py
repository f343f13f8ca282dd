"""Where messages are written: a class of the user's that overrides `write` sees them all."""

from __future__ import annotations

import pytest

from netloop import net, tls
from netloop.http.outlet import Outlet


@pytest.mark.parametrize("base", [net.Socket, tls.TLSSocket])
async def test_an_overridden_write_is_called(base):
    written = []

    class Listening(base):
        def write(self, chunk, encoding=None, callback=None):
            written.append(chunk)
            return True

    socket = Listening()
    outlet = Outlet(socket)
    outlet.send(b"at once")
    outlet.hold()
    outlet.send(b"ga")
    outlet.send(b"thered")
    outlet.release()
    assert written == [b"at once", b"gathered"]
    socket.destroy()

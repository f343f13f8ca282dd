"""Names that do not exist, as a misspelled one does not.  Read by mypy only: see test_typing.py."""

from __future__ import annotations

import netloop
from netloop import dns, events, htpp, http, https, loop, net, stream, tls, websocket  # error
from netloop.http import Sever  # error

netloop.rnu(htpp, Sever)  # error
dns.resolve5("localhost")  # error
events.wait_once(http, "close")  # error
http.create_sever()  # error
https.gte("https://localhost")  # error
loop.curent()  # error
net.conect(8000)  # error
stream.pipelnie()  # error
tls.conect(8000)  # error
websocket.WebSoket("ws://localhost")  # error

http.global_agent = http.Agent(keep_alive=True)
https.global_agent.destroy()

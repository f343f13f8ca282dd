"""How http and https look to a type checker.  Read by mypy only: see test_typing.py."""

from __future__ import annotations

from typing import Any, reveal_type

from netloop import dgram, http, https, net, tls
from netloop.http import IncomingMessage, ServerResponse
from netloop.stream import Duplex, Readable
from netloop.websocket import WebSocketServer


def on_request(request: IncomingMessage, response: ServerResponse) -> None: ...


async def on_request_later(request: IncomingMessage, response: ServerResponse) -> None: ...


def on_error(error: Exception, socket: net.Socket) -> None: ...


# --- servers ------------------------------------------------------------------------------------------------------

server = http.create_server(on_request, keep_alive_timeout=5000, no_delay=False, unique_headers=["x"])
http.create_server(on_request_later)
http.create_server(lambda request, response: response.write_head(200, {"X": "1"}).end("hello").destroy())
http.create_server(lambda: None)
http.create_server(on_error)  # error
http.create_server(on_request, keep_alive_timeouts=5000)  # error
http.create_server(on_request, http_validation="lenient")  # error
reveal_type(server.listen(8000, lambda: None))  # Server
reveal_type(server.on("request", on_request).once("listening", lambda: None))  # Server
reveal_type(server.on("client_error", on_error))  # Server
reveal_type(server.off("request", on_request))  # Server
reveal_type(server.address().port)  # int | Any
reveal_type(net.create_server().address().port)  # int | Any
reveal_type(dgram.create_socket("udp4").address().port)  # int | Any
reveal_type(WebSocketServer(port=0).address().port)  # int | Any
print(server.address().prot)  # error
server.prepend_listener("anything", on_error)


@server.on("request")
def one(request: IncomingMessage) -> int:
    reveal_type(request.headers)  # dict[str, Any]
    return 1


@server.on("check_continue")
async def both(request: IncomingMessage, response: ServerResponse) -> None:
    reveal_type(response.write_head(200))  # ServerResponse
    reveal_type(response.on("drain", lambda: None))  # ServerResponse
    reveal_type(request.on("data", lambda chunk: None))  # IncomingMessage
    reveal_type(response.set_header("X", 1).end())  # ServerResponse
    response.on("timeout", lambda socket: socket.destroy())
    request.pipe(response)


@server.on("upgrade")
def upgrade(request: IncomingMessage, socket: net.Socket, head: bytes) -> None: ...


@server.on("connect")
def tunnel(request: IncomingMessage, socket: Duplex, head: bytes) -> None: ...


@server.on("timeout")
def idle(socket: net.Socket) -> None: ...


@server.on("upgrade")  # error
def no_head(request: IncomingMessage, socket: net.Socket, head: str) -> None: ...


@server.on("drop_request")  # error
def no_request(response: ServerResponse) -> None: ...


@server.once("close")  # error
def closed(error: Exception) -> None: ...


reveal_type(one)  # def (request: IncomingMessage) -> int
reveal_type(both)  # def (request: IncomingMessage, response: ServerResponse) -> Coroutine[Any, Any, None]

secure = https.create_server(on_request, cert="cert.pem", key="key.pem", keep_alive_timeout=5000, request_cert=True)
https.create_server(on_request, certs="cert.pem")  # error
reveal_type(secure.on("request", on_request).listen(8443))  # Server


@secure.on("secure_connection")
def secured(socket: tls.TLSSocket) -> None: ...


@secure.on("upgrade")
def secure_upgrade(request: IncomingMessage, socket: tls.TLSSocket, head: bytes) -> None: ...


@secure.on("client_error")  # error
def no_error(error: Exception, socket: tls.TLSSocket, more: int) -> None: ...


# --- clients ------------------------------------------------------------------------------------------------------

def on_response(response: IncomingMessage) -> None: ...


asked = http.request("http://localhost", on_response, method="POST", unique_headers=["x"])
reveal_type(asked.on("response", on_response).once("finish", lambda: None))  # ClientRequest
reveal_type(asked.on("upgrade", lambda response, socket, head: None))  # ClientRequest
reveal_type(https.get("https://localhost", servername="localhost", ca="ca.pem"))  # ClientRequest
http.get("http://localhost", servername="localhost")  # error
https.get("https://localhost", servernames="localhost")  # error


@asked.on("information")
def informed(information: Any) -> None: ...


@asked.on("response")  # error
def no_response(response: ServerResponse) -> None: ...


@asked.on("socket")
def connected(socket: net.Socket) -> None: ...


async def read(readable: Readable) -> None:
    response = await asked
    reveal_type(await response.text())  # str
    readable.pipe(asked)


# --- agents -------------------------------------------------------------------------------------------------------

agent = http.Agent(keep_alive=True, max_sockets=2, scheduling="fifo", family=4, local_address="127.0.0.1")
http.Agent(keep_alives=True)  # error
http.Agent(family=5)  # error
https.Agent(keep_alive=True, cert="cert.pem", key="key.pem", servername="localhost", family=4)
https.Agent(keep_alives=True)  # error
https.Agent(servername=5)  # error
reveal_type(agent.on("free", lambda socket, options: options.url))  # Agent
reveal_type(agent.once("free", lambda socket: None).off("free", print))  # Agent
reveal_type(https.Agent(max_cached_sessions=0).on("free", lambda: None))  # Agent


@agent.on("free")
def freed(socket: net.Socket) -> int:
    return socket.bytes_read


reveal_type(freed)  # def (socket: Socket) -> int


@https.Agent().on("free")
def freed_secure(socket: tls.TLSSocket) -> None: ...


@http.get("http://localhost").on("error")
def failed(error: OSError) -> None: ...


@server.on("request")
def typed(request: IncomingMessage, response: ServerResponse) -> None:
    print(request.method.lower(), request.socket.remote_address)
    request.on("timeout", lambda socket: socket.destroy())
    request.on("error", lambda error: print(error.code))


@agent.on("free")  # error
def freed_response(response: ServerResponse) -> None: ...

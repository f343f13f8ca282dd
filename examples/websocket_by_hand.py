"""A WebSocket server without `netloop.websocket`: the handshake and the frames are written by hand.

    python examples/websocket_by_hand.py [port]

Try it:  netloop ws ws://localhost:12010/updates

Ports the server of "构建 WebSocket 服务" (building a WebSocket service).  Mended: the constant of RFC 6455 begins with
"258"; the request is checked before it is answered; a subprotocol is named only if the client has offered it; and what came
together with the request comes first.  Tutorials mostly stop where the frames begin; here is the rest.

Frames may be cut anywhere by the network, fragments make up one message, pings are answered, and whoever breaks a rule is
told why.  `netloop.websocket` does the same, faster, with compression and limits.  It also takes over after a handshake by
hand:  WebSocket().set_socket(socket, upgrade_head)
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from hashlib import sha1

from netloop import http, net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12010
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"           # RFC 6455 section 1.3
PROTOCOL = "echo"                                       # the subprotocol that is spoken here
LONGEST_MESSAGE = 65536

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GOODBYE, PROTOCOL_ERROR, NOT_TEXT, TOO_BIG = 1000, 1002, 1007, 1009


# --- the opening handshake ------------------------------------------------------------------------------------------

def on_request(req: http.IncomingMessage, res: http.ServerResponse) -> None:
    res.write_head(200, {"Content-Type": "text/plain"})
    res.end("Hello World\n")


def on_upgrade(req: http.IncomingMessage, socket: net.Socket, upgrade_head: bytes) -> None:
    # after a request for an upgrade: tell the client that the protocol changes
    socket.on("error", lambda error: print("client lost:", error))
    if not is_handshake(req):
        socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        return
    key = req.headers["sec-websocket-key"]
    headers = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: " + b64encode(sha1((key + GUID).encode()).digest()).decode()]
    if PROTOCOL in words(req, "sec-websocket-protocol"):
        headers.append("Sec-WebSocket-Protocol: " + PROTOCOL)
    socket.set_no_delay(True)                           # send at once
    socket.write("\r\n".join([*headers, "", ""]))
    HandmadeWebSocket().set_socket(socket, upgrade_head)


def is_handshake(req: http.IncomingMessage) -> bool:
    """Whether it is the request of RFC 6455 section 4.1."""
    try:
        key = b64decode(req.headers.get("sec-websocket-key", ""), validate=True)
    except ValueError:
        return False
    return (req.method == "GET" and len(key) == 16 and req.headers.get("sec-websocket-version") == "13"
            and "websocket" in [word.lower() for word in words(req, "upgrade")])


def words(req: http.IncomingMessage, name: str) -> list[str]:
    """The elements of a header field that is a list."""
    return [word.strip() for word in req.headers.get(name, "").split(",")]


# --- the frames (RFC 6455 section 5) --------------------------------------------------------------------------------

class FrameError(Exception):
    """The client broke a rule: a close code, and the rule."""


class HandmadeWebSocket:
    """The server's end of a connection.  It sends every message back."""

    def set_socket(self, socket: net.Socket, head: bytes) -> None:
        self.socket = socket
        self.received = b""                             # what came of the frame that is not complete
        self.message = b""                              # the fragments of the message that is not complete
        self.opcode = CONTINUATION                      # its kind; none is under way
        socket.on("data", self.on_data)
        self.on_data(head)

    def on_data(self, data: bytes) -> None:
        self.received += data
        try:
            while self.socket.writable and (frame := self.take_frame()):
                self.on_frame(*frame)
        except FrameError as error:
            self.close(*error.args)

    def take_frame(self) -> tuple[bool, int, bytes] | None:
        """The next frame: whether it is the last of its message, the opcode, and the payload; None if bytes are missing."""
        data = self.received
        if len(data) < 2:
            return None
        final, opcode, size = bool(data[0] & 0x80), data[0] & 0x0F, data[1] & 0x7F
        if data[0] & 0x70 or opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise FrameError(PROTOCOL_ERROR, "a reserved bit or opcode")
        if not data[1] & 0x80:
            raise FrameError(PROTOCOL_ERROR, "a client masks its frames")
        if opcode >= CLOSE and (size > 125 or not final):
            raise FrameError(PROTOCOL_ERROR, "a control frame is small, and whole")
        at = 2 + {126: 2, 127: 8}.get(size, 0)
        if len(data) < at + 4:
            return None
        if size > 125:
            size = int.from_bytes(data[2:at], "big")
        if len(self.message) + size > LONGEST_MESSAGE:
            raise FrameError(TOO_BIG, f"a message has at most {LONGEST_MESSAGE} bytes")
        key, start, stop = data[at:at + 4], at + 4, at + 4 + size
        if len(data) < stop:
            return None
        self.received = data[stop:]
        return final, opcode, bytes(byte ^ key[index % 4] for index, byte in enumerate(data[start:stop]))

    def on_frame(self, final: bool, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.send(PONG, payload)
        elif opcode == CLOSE:
            self.on_close(payload)
        elif opcode != PONG:
            if (opcode == CONTINUATION) == (self.opcode == CONTINUATION):
                raise FrameError(PROTOCOL_ERROR, "a fragment out of its place")
            self.opcode = self.opcode or opcode
            self.message += payload
            if final:
                self.on_message()

    def on_message(self) -> None:
        opcode, message = self.opcode, self.message
        self.opcode, self.message = CONTINUATION, b""
        if opcode == TEXT:
            print("message:", text(message))
        self.send(opcode, message)

    def on_close(self, payload: bytes) -> None:
        """The client says goodbye: answer with its own code, and end."""
        code = int.from_bytes(payload[:2], "big") if payload else GOODBYE
        if not 1000 <= code <= 4999 or 1004 <= code <= 1006 or 1015 <= code <= 2999:
            raise FrameError(PROTOCOL_ERROR, "no close code")
        print("goodbye:", code, text(payload[2:]))
        self.close(code)

    def send(self, opcode: int, payload: bytes) -> None:
        """A server does not mask, and need not cut its messages into fragments."""
        size = len(payload)
        if size < 126:
            length = bytes([size])
        elif size < 65536:
            length = bytes([126, *size.to_bytes(2, "big")])
        else:
            length = bytes([127, *size.to_bytes(8, "big")])
        self.socket.write(bytes([0x80 | opcode]) + length + payload)

    def close(self, code: int, reason: str = "") -> None:
        self.send(CLOSE, code.to_bytes(2, "big") + reason.encode())
        self.socket.remove_listener("data", self.on_data).resume()      # what still comes does not count
        self.socket.end()


def text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise FrameError(NOT_TEXT, "text is UTF-8") from None


server = http.create_server(on_request)
server.on("upgrade", on_upgrade)
server.listen(PORT, lambda: print("listening on", server.address()))
run()

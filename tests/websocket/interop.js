// Node's end of test_interop.py:  node interop.js talk URL | ws-talk URL | ws-serve
// `talk` uses Node's own WebSocket, the others the module ws.  A client sends messages of many sizes, one after the other,
// compares what comes back, and closes; it prints what it saw as one line of JSON.
"use strict";

const [task, url] = process.argv.slice(2);
const SIZES = [0, 1, 125, 126, 65535, 65536, 1 << 20];

function messages() {
  return SIZES.flatMap(size => ["é".repeat(size >> 1) + "x".repeat(size & 1), new Uint8Array(size).map((_, at) => at * 7)]);
}

function same(sent, got) {
  return typeof sent === "string" ? got === sent : Buffer.compare(Buffer.from(got), Buffer.from(sent)) === 0;
}

function talk(WebSocket) {
  const socket = new WebSocket(url, ["other", "echo"]);
  const left = messages();
  const seen = { protocol: "", extensions: "", same: 0, code: 0, reason: "", clean: false };
  const sendNext = () => left.length ? socket.send(left[0]) : socket.close(4000, "that was all é");
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { seen.protocol = socket.protocol; seen.extensions = socket.extensions; sendNext(); };
  socket.onmessage = event => { seen.same += same(left.shift(), event.data); sendNext(); };
  socket.onerror = event => { seen.error = String(event.message || event.error); };
  socket.onclose = event => {
    Object.assign(seen, { code: event.code, reason: event.reason, clean: event.wasClean });
    console.log(JSON.stringify(seen));
  };
}

function serve() {
  const { WebSocketServer } = require("ws");
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true, handleProtocols: () => "echo" });
  server.on("listening", () => console.log(server.address().port));
  server.on("connection", socket => {
    socket.on("message", (data, isBinary) => {
      if (String(data.subarray(0, 10)) === "close 4001") socket.close(4001, "as you say");
      else socket.send(data, { binary: isBinary });
    });
  });
}

if (task === "talk") talk(WebSocket);
else if (task === "ws-talk") talk(require("ws").WebSocket);
else serve();

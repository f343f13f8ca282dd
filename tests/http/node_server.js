// What test_client_and_node.py asks: Node's server in its moods, by path.
const http = require('http');
const crypto = require('crypto');

const connections = new Map();
let count = 0;

const paths = {
  '/connection': (request, response) => response.end(String(connections.get(request.socket))),
  '/echo': (request, response) => request.pipe(response),
  '/chunked': (request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('one ');
    setImmediate(() => { response.write('two'); response.addTrailers({ 'X-Sum': '2' }); response.end(); });
  },
  '/trailers': (request, response) => request.resume().on('end', () => response.end(JSON.stringify(request.trailers))),
  '/hints': (request, response) => { response.writeEarlyHints({ link: '</a.css>; rel=preload' }); response.end('hinted'); },
  '/expect': (request, response) => request.pipe(response),
  '/hang-up': (request) => request.socket.destroy(),
  '/reset': (request) => request.socket.resetAndDestroy(),
  '/reset-in-body': (request, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('begin', () => setImmediate(() => request.socket.resetAndDestroy()));
  },
  '/last': (request, response) => { response.setHeader('Connection', 'close'); response.end('bye'); },
  '/head': (request, response) => { response.setHeader('Content-Length', 1000); response.end(); },
  '/sum': (request, response) => {
    const sum = crypto.createHash('sha256');
    request.on('data', (chunk) => sum.update(chunk)).on('end', () => response.end(sum.digest('hex')));
  },
};

const server = http.createServer((request, response) => paths[request.url](request, response));
server.on('connection', (socket) => connections.set(socket, ++count));
server.on('upgrade', (request, socket, head) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst ');
  socket.write(head);
  socket.pipe(socket);
});
server.on('connect', (request, socket) => { socket.write(`HTTP/1.1 200 OK\r\n\r\nto ${request.url} `); socket.pipe(socket); });
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

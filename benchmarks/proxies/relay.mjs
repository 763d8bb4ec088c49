// A pass-through on Node's own http: `node relay.mjs UPSTREAM`; prints its URL.
import http from "node:http";

const upstream = new URL(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    const headers = { "content-type": "application/json", "content-length": body.length };
    const options = { host: upstream.hostname, port: upstream.port, path: request.url, method: request.method, headers, agent };
    const asked = http.request(options, (answer) => {
      response.writeHead(answer.statusCode, { "content-type": answer.headers["content-type"] });
      answer.pipe(response);
    });
    asked.on("error", () => response.destroy());
    asked.end(body);
  });
});
server.keepAliveTimeout = 600_000;
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => console.log(`http://127.0.0.1:${server.address().port}`));

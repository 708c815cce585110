/**
 * Owns the control port: HTTP on loopback, where the server's own counters can be asked. Everything
 * here only reads; a browser reaches loopback too, so answers carry no CORS permission.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Truth } from "./counters.js";

/** The largest request head that is read, in bytes. */
const largestHead = 8 * 1024;

/** A server that answers `GET /stats` and `GET /stats?run=ID`. */
export function controlServer(truth: Truth): Server {
  const server = createServer({ maxHeaderSize: largestHead }, (request, response) => {
    answer(truth, request, response);
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 5000;
  server.keepAliveTimeout = 1000;
  return server;
}

function answer(truth: Truth, request: IncomingMessage, response: ServerResponse): void {
  const url = URL.canParse(request.url ?? "", "http://control")
    ? new URL(request.url ?? "", "http://control")
    : undefined;
  // DNS rebinding: a page whose name was pointed at loopback sends its own name as Host.
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (!/^(localhost|127\.0\.0\.1|\[::1\])$/.test(host)) return reply(response, 403, "wrong host");
  if (url?.pathname !== "/stats") return reply(response, 404, "there is /stats");
  if (request.method !== "GET") return reply(response, 405, "only GET");
  const run = url.searchParams.get("run");
  const counters = run === null ? truth.total : truth.known(run);
  if (!counters) return reply(response, 404, "no such run");
  reply(response, 200, counters.stats());
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(typeof body === "string" ? { error: body } : body)}\n`);
}

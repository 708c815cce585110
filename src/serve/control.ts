/**
 * Owns the control port: HTTP on loopback, where a server's counters can be read and its faults
 * switched. A browser reaches loopback too: no answer permits other origins, names that a page
 * chose are refused, and what changes something needs the token.
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { WsctlError } from "../base/errors.js";
import { connections } from "./control/connections.js";
import { cut } from "./control/cut.js";
import { faults } from "./control/faults.js";
import { log } from "./control/log.js";
import { metrics } from "./control/metrics.js";
import { type Answer, json, type Route, Unanswerable } from "./control/route.js";
import { stall } from "./control/stall.js";
import { stats } from "./control/stats.js";
import type { Controlled } from "./controlled.js";

/** Every route by the first part of its path. */
const routes: ReadonlyMap<string, Route> = new Map([
  ["stats", stats],
  ["log", log],
  ["connections", connections],
  ["metrics", metrics],
  ["faults", faults],
  ["cut", cut],
  ["stall", stall],
]);

/** The largest request head and body that are read, in bytes. */
const largestHead = 8 * 1024;
const largestBody = 64 * 1024;
/** So long may a request take to arrive, in ms; and so many connections are held at once. */
const patience = 5000;
const mostConnections = 256;

/** A control server for `server`; what changes something needs `token`. */
export function controlServer(server: Controlled, token: string): Server {
  const http = createServer(
    { maxHeaderSize: largestHead, connectionsCheckingInterval: 1000 },
    (request, response) => void answer(server, token, request, response),
  );
  http.maxConnections = mostConnections;
  http.headersTimeout = patience;
  http.requestTimeout = patience;
  http.keepAliveTimeout = 1000;
  return http;
}

async function answer(
  server: Controlled,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.on("error", () => {});
  let result: Answer;
  try {
    result = await route(server, token, request);
  } catch (error) {
    result = problem(error);
  }
  const { status } = result;
  const body = "text" in result ? result.text : `${JSON.stringify(result.json)}\n`;
  response.writeHead(status, {
    "content-type": "text" in result ? result.type : "application/json",
    "cache-control": "no-store",
    ...result.headers,
    "x-content-type-options": "nosniff",
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    // What was not read of a body would be taken for the next request.
    ...(status < 400 ? {} : { connection: "close" }),
  });
  response.end(body);
}

async function route(server: Controlled, token: string, request: IncomingMessage): Promise<Answer> {
  // DNS rebinding: a page whose name was pointed at loopback sends its own name as Host.
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!/^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(host)) throw new Unanswerable(403, "wrong host");
  const target = request.url ?? "";
  const base = "http://control";
  if (!URL.canParse(target, base)) throw new Unanswerable(400, "this is no URL");
  const { pathname, searchParams: query } = new URL(target, base);
  const [, name = "", ...rest] = pathname.split("/");
  const found = routes.get(name);
  // Only what is deleted has a name below its family.
  if (!found || (rest.length > 0 && request.method !== "DELETE")) {
    throw new Unanswerable(
      404,
      `there is ${[...routes.keys()].map((one) => `/${one}`).join(", ")}`,
    );
  }
  const act = handlerOf(found, request.method ?? "");
  if (request.method !== "GET" && !bears(request, token)) {
    throw new Unanswerable(401, "this needs the token: Authorization: Bearer TOKEN");
  }
  const body = request.method === "POST" ? await jsonBody(request) : new Map<string, unknown>();
  return act({ server, query, rest: rest.join("/"), body });
}

function handlerOf(found: Route, method: string): NonNullable<Route["get"]> {
  const known = { GET: found.get, POST: found.post, DELETE: found.delete };
  const act = Object.hasOwn(known, method) ? known[method as keyof typeof known] : undefined;
  if (act) return act;
  const can = Object.entries(known).flatMap(([name, handler]) => (handler ? [name] : []));
  const allow = can.join(", ");
  throw new Unanswerable(405, `only ${allow}`, { allow });
}

function bears(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const right = Buffer.from(`Bearer ${token}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Only JSON: a page can send other types without the browser asking first. */
async function jsonBody(request: IncomingMessage): Promise<ReadonlyMap<string, unknown>> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (type !== "application/json") throw new Unanswerable(415, "send application/json");
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largestBody) throw new Unanswerable(413, `at most ${largestBody} bytes`);
    pieces.push(piece);
  }
  return parsed(Buffer.concat(pieces).toString("utf8"));
}

function parsed(text: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unanswerable(400, "this is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Unanswerable(400, "send a JSON object");
  }
  return new Map(Object.entries(value));
}

function problem(error: unknown): Answer {
  if (error instanceof Unanswerable) {
    const { status, message, headers } = error;
    return { status, json: { error: message }, headers };
  }
  if (error instanceof WsctlError) {
    const { message, hint, code } = error;
    return json({ error: message, hint, code }, 400);
  }
  // A request that broke off is answered into the void; a bug of ours must not end the server.
  return json({ error: "the request failed" }, 500);
}

/**
 * Owns what the server answers to plain HTTP: its health, the page of modes that have one, and that
 * WebSocket wants an upgrade.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pathOf } from "./target.js";

/** A page for browsers. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the answers depend on. */
export interface SiteFacts {
  /** Where WebSocket is spoken; everywhere when there are none. */
  readonly paths: ReadonlySet<string>;
  /** Shown at `/`. */
  readonly page: Page | undefined;
  /** How many connections are open. */
  readonly open: () => number;
  readonly scheme: "ws" | "wss";
}

/** Where the health is told, and WebSocket never spoken. */
export const healthPath = "/healthz";

/** Whether WebSocket is spoken at the target of a request. */
export function speaksAt(paths: ReadonlySet<string>, target: string | undefined): boolean {
  const path = pathOf(target);
  return path !== healthPath && (paths.size === 0 || paths.has(path));
}

/** Answers a request that asked for no upgrade. */
export function answerHttp(
  { paths, page, open, scheme }: SiteFacts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method } = request;
  const reply = (status: number, type: string, body: string, headers = {}): void => {
    response.writeHead(status, {
      "content-type": type,
      "content-length": Buffer.byteLength(body),
      "x-content-type-options": "nosniff",
      ...headers,
      // A body that nobody reads would be taken for the next request.
      ...(method === "GET" || method === "HEAD" ? {} : { connection: "close" }),
    });
    response.end(method === "HEAD" ? undefined : body);
  };
  const sayJson = (status: number, value: unknown, headers = {}): void =>
    reply(status, "application/json", `${JSON.stringify(value)}\n`, headers);
  if (method !== "GET" && method !== "HEAD") {
    return sayJson(405, { error: "only GET" }, { allow: "GET, HEAD" });
  }
  const path = pathOf(request.url);
  if (path === healthPath) {
    return sayJson(200, { status: "ok", connections: open() }, { "cache-control": "no-store" });
  }
  if (path === "/" && page) return reply(200, "text/html; charset=utf-8", page.html, page.headers);
  if (!speaksAt(paths, request.url)) return sayJson(404, { error: "not found" });
  const text = `this is a WebSocket server: connect with ${scheme}://\n`;
  reply(426, "text/plain", text, { upgrade: "websocket", connection: "Upgrade" });
}

/**
 * Owns the head of a request as the server gets it: that of the client, in its order, its case and
 * with its duplicates, but for what is between the client and the proxy alone.
 */
import type { IncomingMessage } from "node:http";
import type { RequestHead } from "../frame/http-head.js";
import { type Header, headerValues } from "../frame/upgrade.js";
import type { Destination } from "./destination.js";

/** For the proxy, not for what lies behind it. */
const forProxy = new Set(["proxy-connection", "proxy-authorization"]);

/** Between two neighbours (RFC 9110 §7.6.1); of an upgrade, Connection and Upgrade go on. */
const hopByHop = new Set([
  ...forProxy,
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What says where a message goes and ends: Connection cannot take it away (RFC 9110 §7.6.1). */
const needed = new Set(["host", "content-length"]);

/** Whether a request asks for a WebSocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return namesIn(headers.upgrade ?? "").includes("websocket");
}

/**
 * The request without what asks for another protocol, as it would stand on the wire.
 * @param isLast whether no other is to follow on its connection
 */
export function withoutUpgrade(request: IncomingMessage, isLast: boolean): Buffer {
  const { method, url, httpVersion, rawHeaders } = request;
  const headers = pairsOf(rawHeaders).filter(([name]) => name.toLowerCase() !== "upgrade");
  if (isLast) headers.push(["Connection", "close"]);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines}\r\n`, "latin1");
}

/** Headers in pairs, from Node's flat list. */
export function pairsOf(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!, raw[at + 1]!]);
  return pairs;
}

/** The head of an upgrade for the server. */
export function upgradeHead(
  method: string,
  raw: readonly string[],
  destination: Destination,
): RequestHead {
  const headers = pairsOf(raw).filter(([name]) => !forProxy.has(name.toLowerCase()));
  return { method, target: destination.path, headers: addressed(headers, destination) };
}

/** The headers of a plain request for the server. */
export function requestHeaders(raw: readonly string[], destination: Destination): Header[] {
  return addressed(endToEnd(pairsOf(raw)), destination);
}

/** Without what is between two neighbours alone. */
export function endToEnd(headers: readonly Header[]): Header[] {
  const named = new Set(headerValues(headers, "Connection").flatMap(namesIn));
  return headers.filter(([name]) => {
    const low = name.toLowerCase();
    return !hopByHop.has(low) && (needed.has(low) || !named.has(low));
  });
}

/** Whether one of the headers of that name has that in its list. */
export function lists(headers: readonly Header[], name: string, item: string): boolean {
  return headerValues(headers, name).flatMap(namesIn).includes(item);
}

function namesIn(list: string): string[] {
  return list.split(",").map((name) => name.trim().toLowerCase());
}

/** With Host and Origin as they are to be; what the address of the target says of a user is added. */
function addressed(headers: readonly Header[], { host, origin, target }: Destination): Header[] {
  const changed = headers.map(([name, value]): Header => {
    const low = name.toLowerCase();
    if (low === "host" && host !== undefined) return [name, host];
    if (low === "origin" && origin !== undefined) return [name, origin];
    return [name, value];
  });
  // HTTP/1.0 needs none; servers that have several names do.
  if (headerValues(headers, "Host").length === 0)
    changed.unshift(["Host", host ?? target.authority]);
  const { authorization } = target;
  if (authorization !== undefined && headerValues(headers, "Authorization").length === 0) {
    changed.push(["Authorization", authorization]);
  }
  return changed;
}

/** Owns the request of RFC 8441: an extended CONNECT that says what the user's upgrade says. */
import { randomBytes } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http2";
import { buildRequest } from "../../dial/request.js";
import { encodeClosePayload } from "../../frame/close.js";
import { encodeFrame } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import type { Subject } from "../subject.js";

/** What HTTP/2 says in other ways, or does not have (RFC 8441 §5, RFC 9113 §8.2.2). */
const left: ReadonlySet<string> = new Set([
  "host",
  "upgrade",
  "connection",
  "sec-websocket-key",
  "sec-websocket-accept",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "content-length",
  "te",
  "http2-settings",
]);

/** The headers of an extended CONNECT; `protocol` is `websocket` for a WebSocket. */
export function extendedConnect({ target, options }: Subject, protocol: string) {
  const own = new Map<string, string[]>();
  for (const [name, value] of buildRequest(target, options.request).headers) {
    const key = name.toLowerCase();
    if (left.has(key)) continue;
    const values = own.get(key);
    if (values) values.push(value);
    else own.set(key, [value]);
  }
  const headers: OutgoingHttpHeaders = {
    ":method": "CONNECT",
    ":protocol": protocol,
    ":scheme": target.secure ? "https" : "http",
    ":path": target.path,
    ":authority": target.authority,
  };
  for (const [name, values] of own) headers[name] = values.length === 1 ? values[0]! : values;
  return headers;
}

/**
 * A close frame, for a WebSocket that was opened only to see whether it can be. Its masking key is
 * one that nobody can foresee (RFC 6455 §5.3).
 */
export function goodbye(): Buffer {
  const mask = randomBytes(4).readUInt32BE();
  return encodeFrame({ opcode: Opcode.close, mask }, encodeClosePayload(1000));
}

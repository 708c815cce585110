/** Owns what of a recorded upgrade request is said again, and what of it was redacted. */
import { redacted } from "../base/secret-name.js";
import { type Header, headerValue, headerValues } from "../frame/upgrade.js";
import type { UpgradeLine } from "../recording/line.js";

/** What a recorded request says beside its address. */
export interface RecordedRequest {
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  /** The user's own, in their order. */
  readonly headers: readonly Header[];
  /** Whether permessage-deflate was offered. */
  readonly compresses: boolean;
}

/** What each connection makes anew, or what belonged to the way there. */
const own: ReadonlySet<string> = new Set([
  "host",
  "upgrade",
  "connection",
  "origin",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "content-length",
  "transfer-encoding",
  "te",
  "trailer",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "via",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** What of it makes sense on another connection. */
export function recordedRequest({ request }: Pick<UpgradeLine, "request">): RecordedRequest {
  const protocols = headerValue(request, "Sec-WebSocket-Protocol") ?? "";
  const extensions = headerValue(request, "Sec-WebSocket-Extensions") ?? "";
  return {
    origin: headerValues(request, "Origin")[0],
    subprotocols: protocols
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    headers: request.filter(([name]) => !own.has(name.toLowerCase())),
    compresses: /\bpermessage-deflate\b/i.test(extensions),
  };
}

/** Whether something of the text was redacted. */
export function isRedacted(text: string): boolean {
  return text.includes(redacted);
}

/** Whether something of a URL or of a request target was: the mark has no brackets there. */
export function isRedactedUrl(url: string): boolean {
  return isRedacted(url) || /[=:/]redacted(?:[&#@;]|$)/.test(url);
}

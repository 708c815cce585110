/** Owns what is said of clients that come to no request: heads that are none, and TLS that fails. */
import type { Socket } from "node:net";
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Context } from "./context.js";
import { sayNo } from "./say-no.js";

/** Bytes of a request's head; servers take no larger ones. */
export const largestHead = 64 * 1024;

/** How to be trusted, for people. */
const advice = "the client does not trust the proxy's CA: see `wsctl proxy ca`";

/** What a failed handshake of a client's TLS means, in words. */
export function tlsTrouble(error: unknown): string {
  const { code = "" } = error as NodeJS.ErrnoException;
  // Alerts 42, 43, 45, 46 and 48 (RFC 8446 §6.2): all are of the certificate.
  if (/ALERT_(?:BAD|UNSUPPORTED)_CERTIFICATE|ALERT_CERTIFICATE_|ALERT_UNKNOWN_CA/.test(code)) {
    return `${advice} (${safeLine(code.replace(/^ERR_SSL_/, ""))})`;
  }
  if (code === "ERR_SSL_HTTP_REQUEST") {
    return "the client speaks plain HTTP to a port that serves TLS: it is https:// and wss:// here";
  }
  if (code === "ECONNRESET") {
    return "the client left in the middle of it; if it went on like that, it may not trust the CA";
  }
  // OpenSSL's messages say where in its own sources it was; the reason stands beside them.
  const { reason } = error as { reason?: unknown };
  return safeLine(typeof reason === "string" ? reason : messageOf(error));
}

/** A connection of a client that Node's HTTP gave up. */
export function answerBroken(error: Error, socket: Socket, isWaiting: boolean, at: Context): void {
  const { code = "" } = error as NodeJS.ErrnoException;
  const tell = (what: string): void => {
    const text = `a client at ${socket.remoteAddress ?? "an unknown address"}: ${what}`;
    at.options.watcher.tell({ event: "note", connection: undefined, text });
  };
  if (code.startsWith("ERR_SSL_")) tell(`TLS failed: ${tlsTrouble(error)}`);
  // Of what was cut in the middle nobody hears an answer.
  if (!code.startsWith("HPE_") && code !== "ERR_HTTP_REQUEST_TIMEOUT") {
    socket.destroy();
    return;
  }
  const isLate = code === "ERR_HTTP_REQUEST_TIMEOUT";
  const isLong = code === "HPE_HEADER_OVERFLOW";
  const what = isLate
    ? "the head of its request did not come in time"
    : isLong
      ? `the head of its request is larger than ${largestHead / 1024} KiB`
      : `what it sent is no HTTP request: ${safeLine(messageOf(error))}`;
  // Browsers open connections to have them at hand, and say nothing on them.
  if (socket.bytesRead > 0) tell(what);
  // Behind an answer that is still on its way there is no place for another.
  if (isWaiting || !socket.writable) socket.destroy();
  else sayNo(socket, { status: isLate ? 408 : isLong ? 431 : 400, error: what });
}

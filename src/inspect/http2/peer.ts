/**
 * Owns one HTTP/2 connection to the inspected server, for a single question: bounded in time and in
 * what is kept, whatever the server sends.
 */
import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type Settings,
} from "node:http2";
import { messageOf } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import type { Target } from "../../dial/target.js";
import type { Wire } from "../../dial/wire.js";

/** What came of a request. */
export type Http2Answer =
  | { readonly kind: "answered"; readonly status: number; readonly headers: IncomingHttpHeaders }
  /** The stream was ended with an error code, such as `REFUSED_STREAM`. */
  | { readonly kind: "reset"; readonly code: string }
  /** The whole connection came to its end. */
  | { readonly kind: "gone"; readonly why: string }
  | { readonly kind: "silent" };

/** Limits for a server that floods; nghttp2 has more of its own. */
const limits = {
  maxSessionMemory: 1,
  maxHeaderListPairs: 100,
  maxSessionInvalidFrames: 10,
  maxReservedRemoteStreams: 0,
  settings: { enablePush: false, maxHeaderListSize: 32_768 },
} as const;

/** The code of a reset stream, by its name in RFC 9113 §7. */
function nameOf(code: number | undefined): string {
  const prefix = "NGHTTP2_";
  const known = Object.entries(constants).find(
    ([name, value]) => value === code && errorNames.has(name.slice(prefix.length)),
  );
  return known?.[0].slice(prefix.length) ?? `code ${code}`;
}

const errorNames: ReadonlySet<string> = new Set([
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
]);

/** The server at the other end of a wire, as HTTP/2 has it. Whoever makes one destroys it. */
export class Http2Peer {
  readonly #session: ClientHttp2Session;
  readonly #signal: AbortSignal;
  #why: string | undefined = undefined;
  readonly #destroy = (): void => this.destroy();

  /** Sends the preface: the wire must be one on which HTTP/2 may be spoken. */
  constructor(wire: Wire, target: Target, signal: AbortSignal) {
    const authority = `${target.secure ? "https" : "http"}://${target.authority}`;
    this.#session = connect(authority, { ...limits, createConnection: () => wire.socket });
    this.#session.on("error", (error) => {
      this.#why ??= safeLine(messageOf(error));
    });
    this.#session.on("goaway", (code) => {
      this.#why ??= `GOAWAY ${nameOf(code)}`;
    });
    this.#signal = signal;
    signal.addEventListener("abort", this.#destroy, { once: true });
    if (signal.aborted) this.destroy();
  }

  /** Waits for the server's settings. @returns undefined where none came: it speaks no HTTP/2 */
  settings(ms: number): Promise<Settings | undefined> {
    const session = this.#session;
    return new Promise((resolve) => {
      const finish = (settings?: Settings): void => {
        clearTimeout(timer);
        session.off("remoteSettings", finish);
        session.off("close", ended);
        resolve(settings);
      };
      const ended = (): void => finish();
      const timer = setTimeout(ended, ms);
      session.on("remoteSettings", finish);
      session.on("close", ended);
      if (session.destroyed) ended();
    });
  }

  /**
   * Sends a request whose stream stays open, and waits for the head of the answer.
   *
   * @param farewell what is sent to end the stream where the answer is a success
   * @throws Error for headers that HTTP/2 does not let pass
   */
  ask(headers: OutgoingHttpHeaders, ms: number, farewell: Buffer): Promise<Http2Answer> {
    const session = this.#session;
    if (session.destroyed || session.closed) return Promise.resolve(this.#gone());
    const stream = session.request(headers, { endStream: false });
    return new Promise((resolve) => {
      let answer: Http2Answer = { kind: "silent" };
      const settle = (): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      const timer = setTimeout(settle, ms);
      stream.on("error", () => {});
      stream.on("response", (received) => {
        const status = received[":status"] ?? 0;
        answer = { kind: "answered", status, headers: received };
        if (status >= 200 && status < 300) stream.end(farewell, settle);
        else settle();
      });
      stream.on("close", () => {
        const isGone = session.destroyed || session.closed;
        if (answer.kind === "silent") {
          answer = isGone ? this.#gone() : { kind: "reset", code: nameOf(stream.rstCode) };
        }
        settle();
      });
    });
  }

  /** Ends the connection. */
  destroy(): void {
    this.#signal.removeEventListener("abort", this.#destroy);
    this.#session.destroy();
  }

  #gone(): Http2Answer {
    return { kind: "gone", why: this.#why ?? "the connection was closed" };
  }
}

/** What came of a request in a few words. */
export function saidOverHttp2(answer: Http2Answer): string {
  switch (answer.kind) {
    case "answered":
      return `status ${answer.status}`;
    case "reset":
      return `the stream was reset with ${answer.code}`;
    case "gone":
      return `the connection ended: ${answer.why}`;
    case "silent":
      return "no answer in time";
    default:
      return answer satisfies never;
  }
}

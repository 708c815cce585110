/**
 * Owns the grammar of HTTP/1.1 heads (RFC 9112): a request head written exactly as it was given, a
 * response head read from bytes in any chunking. What a debugger may have to show is tolerated and
 * kept in the bytes; what cannot be understood is refused by name.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Header, UpgradeRequest, UpgradeResponse } from "./upgrade.js";

/** What a request head is made of. */
export interface RequestHead {
  readonly method: string;
  /** Request target: the path with its query. */
  readonly target: string;
  /** Written in this order and case, duplicates included. One character is one byte (latin1). */
  readonly headers: readonly Header[];
  /** `1.1` unless told. */
  readonly httpVersion?: string | undefined;
}

/** How much head is read before it is refused. */
export interface HeadLimits {
  /** Bytes of the head, the empty line included; 64 KiB unless told. */
  readonly maxBytes?: number | undefined;
  /** Fields; 1,000 unless told. */
  readonly maxHeaders?: number | undefined;
}

/** A response head that has come to its end. */
export interface ResponseHead {
  readonly response: UpgradeResponse;
  /** Where it ended: the offset, in the chunk pushed last, of the first byte after the head. */
  readonly end: number;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const statusLine = /^HTTP\/(\d\.\d) (\d{3})(?: (.*))?$/;
const lf = 0x0a;
const cr = 0x0d;

/** Whether the text is a token of RFC 9110 §5.6.2, as names of fields and subprotocols must be. */
export function isToken(text: string): boolean {
  return token.test(text);
}

function refuse(what: string, hint?: string): never {
  throw new WsctlError("WSCTL_EUSAGE", what, { hint });
}

/**
 * Writes a request head: nothing is added, sorted, trimmed or repaired.
 * @throws WsctlError WSCTL_EUSAGE where a part would break out of its place in the head
 */
export function serialiseRequest(head: RequestHead): UpgradeRequest {
  const { method, target, headers } = head;
  if (!token.test(method)) refuse(`"${safeLine(method)}" is not an HTTP method`);
  if (!/^[\x21-\x7e\x80-\xff]+$/.test(target)) {
    refuse(
      `the request target "${safeLine(target)}" holds a space or a control character`,
      "percent-encode it, such as %20 for a space",
    );
  }
  let text = `${method} ${target} HTTP/${head.httpVersion ?? "1.1"}\r\n`;
  for (const [name, value] of headers) {
    if (!token.test(name)) refuse(`"${safeLine(name)}" is not the name of a header`);
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    if (/[\0\r\n]/.test(value)) {
      refuse(`the value of the header ${name} holds a line break or a NUL`);
    }
    if (/[^\0-\xff]/.test(value)) {
      refuse(
        `the value of the header ${name} holds a character beyond latin1`,
        "headers are bytes: percent-encode the value, or hand in its UTF-8 bytes as latin1",
      );
    }
    text += `${name}: ${value}\r\n`;
  }
  return { method, target, headers, bytes: Buffer.from(`${text}\r\n`, "latin1") };
}

function broken(what: string, hint?: string, where?: readonly string[]): WsctlError {
  return new WsctlError("WSCTL_EHANDSHAKE", what, { hint, where });
}

/** The start of some bytes, for people: harmless, on one line. */
function excerpt(bytes: Buffer): string {
  return `it began with "${safeLine(bytes.toString("latin1", 0, 60))}"`;
}

/** The error for bytes that no HTTP/1 response starts with, or undefined while it may be one. */
function notHttp(bytes: Buffer): WsctlError | undefined {
  const known = Math.min(5, bytes.length);
  if (bytes.toString("latin1", 0, known) === "HTTP/".slice(0, known)) return undefined;
  if (bytes[0] === 0) {
    // A frame header of HTTP/2 (RFC 9113 §4.1): length, type SETTINGS, flags, stream 0.
    if (bytes.length < 9) return undefined;
    if (bytes[3] === 4 && bytes.readUInt32BE(5) === 0) {
      return broken("the server speaks HTTP/2, not HTTP/1.1", "ask for the HTTP/1.1 port", [
        "it sent a SETTINGS frame",
      ]);
    }
  }
  // A record of TLS: alert or handshake, version 3.x.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && (bytes.length < 2 || bytes[1] === 3)) {
    if (bytes.length < 2) return undefined;
    return broken("the server speaks TLS on this port", "dial it with wss://", [excerpt(bytes)]);
  }
  return broken("the answer is not HTTP", "is this the port of a WebSocket server?", [
    excerpt(bytes),
  ]);
}

/** Without the spaces and tabs around it; by hand, as a regex is quadratic on hostile blanks. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === " " || text[start] === "\t")) start++;
  while (end > start && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  return text.slice(start, end);
}

function parseField(line: string, headers: [string, string][], maxHeaders: number): void {
  const shown = (): string => `"${safeLine(line, 100)}"`;
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  if (/[\0\r]/.test(line)) {
    throw broken(`the header line ${shown()} holds a bare CR or a NUL (RFC 9110 §5.5)`);
  }
  if (line.startsWith(" ") || line.startsWith("\t")) {
    const last = headers.at(-1);
    if (!last) throw broken("white space stands between the status line and the first header");
    // A folded line (RFC 9112 §5.2): a client reads the fold as a space.
    last[1] = `${last[1]} ${trimBlanks(line)}`;
    return;
  }
  const colon = line.indexOf(":");
  if (colon < 0) throw broken(`the header line ${shown()} has no colon (RFC 9112 §5)`);
  const name = line.slice(0, colon);
  if (!token.test(name)) {
    throw broken(`the header line ${shown()} does not start with a name (RFC 9112 §5.1)`);
  }
  if (headers.length >= maxHeaders) {
    throw broken(`the response head has more than ${maxHeaders} headers`);
  }
  headers.push([name, trimBlanks(line.slice(colon + 1))]);
}

function parseHead(bytes: Buffer, maxHeaders: number): UpgradeResponse {
  const text = bytes.toString("latin1");
  const headers: [string, string][] = [];
  let first: RegExpExecArray | null = null;
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf("\n", at);
    const line = text.slice(at, text[feed - 1] === "\r" ? feed - 1 : feed);
    at = feed + 1;
    if (first) {
      if (line !== "") parseField(line, headers, maxHeaders);
    } else {
      first = statusLine.exec(line);
      if (!first) {
        throw broken(`"${safeLine(line, 100)}" is not a status line (RFC 9112 §4)`);
      }
    }
  }
  return {
    httpVersion: first?.[1] ?? "",
    status: Number(first?.[2]),
    reason: first?.[3] ?? "",
    headers,
    bytes,
  };
}

const nothing = Buffer.alloc(0);

/** How far a line has come: not at all, to a CR that stands alone, or further. */
const Line = { start: 0, cr: 1, begun: 2 } as const;

/**
 * Reads one response head, each byte once. Lines may end in a bare LF, and folded lines are joined:
 * whoever cares finds them in the bytes.
 */
export class ResponseHeadReader {
  readonly #maxBytes: number;
  readonly #maxHeaders: number;
  #kept: Buffer = nothing;
  #length = 0;
  /** How far the current line has come; the head ends where a line ends that has not begun. */
  #line: number = Line.begun;
  #isHttp = false;

  constructor(limits: HeadLimits = {}) {
    this.#maxBytes = limits.maxBytes ?? 65_536;
    this.#maxHeaders = limits.maxHeaders ?? 1000;
  }

  /** The bytes of the head that have come so far. */
  get received(): Buffer {
    return this.#kept.subarray(0, this.#length);
  }

  /**
   * Takes `chunk[start, end)`, which is copied where it has to be kept.
   *
   * @returns the head once it is whole, undefined while it is not
   * @throws WsctlError WSCTL_EHANDSHAKE naming the broken grammar or the limit that was passed
   */
  push(chunk: Buffer, start = 0, end = chunk.length): ResponseHead | undefined {
    const stop = Math.min(end, start + this.#maxBytes - this.#length);
    let at = start;
    let whole = false;
    // In a variable of its own: a field is written to memory for each byte.
    let line = this.#line;
    while (at < stop && !whole) {
      const byte = chunk[at++];
      if (byte === lf) {
        whole = line !== Line.begun;
        line = Line.start;
      } else {
        line = byte === cr && line === Line.start ? Line.cr : Line.begun;
      }
    }
    this.#line = line;
    this.#keep(chunk, start, at);
    if (!this.#isHttp) {
      const error = notHttp(this.received);
      if (error) throw error;
      this.#isHttp = this.#length >= 5;
    }
    if (whole) {
      // A head that came in one piece has a buffer of just its size already.
      const isExact = this.#kept.length === this.#length;
      const bytes = isExact ? this.#kept : Buffer.from(this.received);
      return { response: parseHead(bytes, this.#maxHeaders), end: at };
    }
    if (at < end) {
      throw broken(`the response head is larger than ${this.#maxBytes} bytes`, undefined, [
        excerpt(this.received),
      ]);
    }
    return undefined;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#kept.length) {
      const grown = Buffer.allocUnsafe(
        Math.min(this.#maxBytes, Math.max(needed, 2 * this.#length)),
      );
      this.#kept.copy(grown, 0, 0, this.#length);
      this.#kept = grown;
    }
    chunk.copy(this.#kept, this.#length, start, end);
    this.#length = needed;
  }
}

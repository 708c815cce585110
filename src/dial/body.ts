/**
 * Owns the reading of a response's body (RFC 9112 §6): by length, in chunks or until the close.
 * A body is only wanted to be shown, so that a broken one ends the reading instead of failing it.
 */
import { headerValue, type UpgradeResponse } from "../frame/upgrade.js";

/** The longest line with the size of a chunk that is read. */
const longestSizeLine = 1024;
/** Bytes of trailers that are read over. */
const longestTrailers = 64 * 1024;

const lf = 0x0a;
const cr = 0x0d;

/** Collects one body. */
export class BodyReader {
  /** Whether nothing more is wanted: the end, the limit, or something that cannot be read. */
  done = false;
  readonly #limit: number;
  /**
   * What comes next: payload without framing, or in chunks a size, the payload, its line break, and
   * behind the last one the trailers up to an empty line.
   */
  #next: "plain" | "size" | "payload" | "break" | "trailers";
  /** Bytes of payload that are still to come before `#next` changes. */
  #left = 0;
  #sizeLine = "";
  #isLineEmpty = true;
  #trailers = 0;
  #body: Buffer = Buffer.alloc(0);
  #size = 0;

  /** @param limit bytes of body to keep */
  constructor(response: UpgradeResponse, method: string, limit: number) {
    const { headers, status } = response;
    const coding = headerValue(headers, "Transfer-Encoding");
    const length = headerValue(headers, "Content-Length") ?? "";
    this.#limit = limit;
    this.#next = coding !== undefined && /(?:^|[,\s])chunked$/i.test(coding) ? "size" : "plain";
    const isSized = coding === undefined && /^\d{1,15}$/.test(length);
    if (this.#next === "plain") this.#left = isSized ? Number(length) : Infinity;
    this.done =
      method === "HEAD" ||
      status < 200 ||
      status === 204 ||
      status === 304 ||
      (this.#next === "plain" && this.#left === 0);
  }

  /** The body so far, at most as long as the limit. */
  get bytes(): Buffer {
    return this.#body.subarray(0, this.#size);
  }

  /** Takes `chunk[start, end)`; what is wanted of it is copied. */
  push(chunk: Buffer, start = 0, end = chunk.length): void {
    let at = start;
    while (at < end && !this.done) {
      if (this.#next === "size") {
        this.#takeSize(chunk[at++]!);
      } else if (this.#next === "break") {
        // CR LF, or a bare LF.
        if (chunk[at++] === lf) this.#next = "size";
      } else if (this.#next === "trailers") {
        this.#passTrailer(chunk[at++]!);
      } else {
        const length = Math.min(end - at, this.#left);
        this.#keep(chunk, at, at + length);
        at += length;
        this.#left -= length;
        if (this.#left > 0) continue;
        if (this.#next === "plain") this.done = true;
        this.#next = "break";
      }
    }
  }

  #takeSize(byte: number): void {
    if (byte !== lf) {
      this.#sizeLine += String.fromCharCode(byte);
      this.done ||= this.#sizeLine.length > longestSizeLine;
      return;
    }
    const size = /^[0-9a-f]{1,12}(?=[;\s]|$)/i.exec(this.#sizeLine)?.[0];
    this.#sizeLine = "";
    this.#left = size === undefined ? 0 : Number.parseInt(size, 16);
    this.#next = "payload";
    if (size === undefined) this.done = true;
    else if (this.#left === 0) this.#next = "trailers";
  }

  /** What trails behind the last chunk is of no use here, but belongs to the response. */
  #passTrailer(byte: number): void {
    this.done = (byte === lf && this.#isLineEmpty) || ++this.#trailers > longestTrailers;
    if (byte === lf) this.#isLineEmpty = true;
    else if (byte !== cr) this.#isLineEmpty = false;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = Math.min(end - start, this.#limit - this.#size);
    const needed = this.#size + length;
    if (needed > this.#body.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, 2 * this.#size)));
      this.#body.copy(grown, 0, 0, this.#size);
      this.#body = grown;
    }
    chunk.copy(this.#body, this.#size, start, start + length);
    this.#size = needed;
    if (needed === this.#limit) this.done = true;
  }
}

/** Owns what the first bytes in a tunnel are taken for: TLS, HTTP that is understood, or anything else. */

/** What a client speaks. */
export type Kind = "tls" | "http" | "other";

/** The longest first line that may yet be one of HTTP. */
const longestLine = 64 * 1024;
/** A method and what begins the target; commands of other protocols can look like it. */
const longestMethod = 21;
const lf = 0x0a;

/** Listens to the first bytes of a client, until they tell. */
export class FirstWords {
  length = 0;
  readonly #chunks: Buffer[] = [];

  /** What was taken so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** @returns what it is, once that can be told */
  take(chunk: Buffer): Kind | undefined {
    const begin = this.length;
    this.#chunks.push(chunk);
    this.length += chunk.length;
    if (begin <= longestMethod) {
      const bytes = this.bytes;
      // A handshake record of TLS 1.x (RFC 8446 §5.1).
      if (bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 3)) return "tls";
      const start = bytes.toString("latin1", 0, longestMethod);
      if (!/^[A-Z]{1,20}(?: |$)/.test(start)) return "other";
    }
    if (this.length > longestLine) return "other";
    if (!chunk.includes(lf)) return undefined;
    // Only the whole line tells: `EHLO x` begins like HTTP, and HTTP/2 does up to its version.
    return /^[A-Z]{1,20} [^ \n]+ HTTP\/1\.[01]\r?\n/.test(this.bytes.toString("latin1"))
      ? "http"
      : "other";
  }
}

/**
 * Owns the answer that a server usually gives to one and the same request: from one upgrade to the
 * next only Sec-WebSocket-Accept differs. A head that is otherwise the known one byte by byte, and
 * has the right value there, needs not be read and judged again.
 */
import { acceptFor } from "./handshake.js";
import type { Header, UpgradeRequest, UpgradeResponse } from "./upgrade.js";

interface Known {
  readonly response: UpgradeResponse;
  /** The whole head; the value of Sec-WebSocket-Accept in it is that of the answer expected last. */
  readonly bytes: Buffer;
  /** Where that value stands, in the bytes and in the list of headers. */
  readonly at: number;
  readonly index: number;
}

/** A server whose answers differ that often in a row has no usual one. */
const mostMisses = 8;

/** The answer to requests that differ in their key only. */
export class UsualAnswer {
  readonly #keyIndex: number;
  #known: Known | undefined;
  /** Answers in a row that had to be read. */
  #misses = 0;

  /** @param keyIndex where in the headers of these requests Sec-WebSocket-Key stands, the only one */
  constructor(keyIndex: number) {
    this.#keyIndex = keyIndex;
  }

  /**
   * Remembers an answer, in place of the one before, that was found to be right for this request. The
   * first one only says that there may be more; of those who name each answer, after a while none is.
   */
  learn(request: UpgradeRequest, response: UpgradeResponse): void {
    this.#misses++;
    this.#known = undefined;
    if (this.#misses === 1 || this.#misses > mostMisses) return;
    const accept = this.#acceptOf(request);
    const at = response.bytes.indexOf(accept, 0, "latin1");
    const index = response.headers.findIndex(([, value]) => value === accept);
    // In a head that has the value twice it could be the wrong one of them that is compared.
    if (at < 0 || index < 0 || response.bytes.includes(accept, at + 1, "latin1")) return;
    this.#known = { response, bytes: Buffer.from(response.bytes), at, index };
  }

  /**
   * The response, if `bytes[start, end)` begin with the head of the usual one, and it is right for
   * this request. Undefined says nothing but that it is to be read.
   */
  recognise(
    request: UpgradeRequest,
    bytes: Buffer,
    start: number,
    end: number,
  ): UpgradeResponse | undefined {
    const known = this.#known;
    if (!known || end - start < known.bytes.length) return undefined;
    const accept = this.#acceptOf(request);
    known.bytes.write(accept, known.at, "latin1");
    const stop = start + known.bytes.length;
    if (known.bytes.compare(bytes, start, stop) !== 0) return undefined;
    this.#misses = 1;
    const { httpVersion, status, reason } = known.response;
    const headers: Header[] = known.response.headers.slice();
    headers[known.index] = [headers[known.index]![0], accept];
    return { httpVersion, status, reason, headers, bytes: Buffer.from(known.bytes) };
  }

  #acceptOf({ headers }: UpgradeRequest): string {
    return acceptFor(headers[this.#keyIndex]![1]);
  }
}

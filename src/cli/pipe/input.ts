/** Owns what a pipe sends, in order: the messages of `-x`, and standard input cut into messages. */
import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { messageOf, WsctlError } from "../../base/errors.js";
import type { Outgoing } from "../../session/session-options.js";
import { Cutter } from "./cutter.js";

/** Makes one message at the moment that it is sent. */
export type Spoken = () => Outgoing;

/** Where messages come from; `stdin` stands where standard input is to be read. */
export type Source = Spoken | "stdin";

/** How standard input becomes messages. */
export interface InputOptions {
  readonly stdin: Readable;
  readonly sources: readonly Source[];
  /** Undefined sends what comes as it comes, in pieces of 64 KiB at most. */
  readonly delimiter: Buffer | undefined;
  /** What a piece of standard input stands for. @throws WsctlError WSCTL_EUSAGE */
  readonly message: (bytes: Buffer) => Outgoing;
}

const pieceSize = 64 * 1024;

/** A message of those bytes. @throws WsctlError WSCTL_EUSAGE for text that is not UTF-8 */
export function plainMessage(data: Buffer, binary: boolean): Outgoing {
  if (!binary && !isUtf8(data)) {
    throw new WsctlError("WSCTL_EUSAGE", "a message is not UTF-8, and text has to be", {
      hint: "send it as binary, with --binary",
      where: ["RFC 6455 §5.6"],
    });
  }
  return { data, binary };
}

/** All that is to be sent. */
export class Input {
  readonly #options: InputOptions;
  #isStopped = false;

  constructor(options: InputOptions) {
    this.#options = options;
  }

  /**
   * The messages, read no faster than they are taken.
   * @throws WsctlError WSCTL_EUSAGE for what cannot be read or sent
   */
  async *messages(): AsyncGenerator<Outgoing> {
    for (const source of this.#options.sources) {
      if (this.#isStopped) return;
      if (source === "stdin") yield* this.#standard();
      else yield source();
    }
  }

  /** No more is wanted: what has not been read stays unread. */
  stop(): void {
    this.#isStopped = true;
    if (this.#options.sources.includes("stdin")) this.#options.stdin.destroy();
  }

  async *#standard(): AsyncGenerator<Outgoing> {
    const { delimiter, message } = this.#options;
    const cutter = delimiter && new Cutter(delimiter);
    let count = 0;
    const made = (bytes: Buffer): Outgoing => {
      count++;
      try {
        return message(bytes);
      } catch (error) {
        if (!(error instanceof WsctlError)) throw error;
        const where = [`message ${count} of standard input`, ...error.where];
        throw new WsctlError(error.code, error.message, { hint: error.hint, where });
      }
    };
    for await (const chunk of this.#chunks()) {
      for (const bytes of cutter ? cutter.feed(chunk) : pieces(chunk)) yield made(bytes);
    }
    const last = cutter?.end();
    if (last) yield made(last);
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#options.stdin) {
        yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
        if (this.#isStopped) return;
      }
    } catch (cause) {
      if (this.#isStopped) return;
      throw new WsctlError("WSCTL_EUSAGE", `cannot read standard input: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
}

function* pieces(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += pieceSize) yield chunk.subarray(at, at + pieceSize);
}

/**
 * Owns what a lens is: something that knows a protocol which rides on WebSocket, says in one line
 * what a message is, which request it answers and after how long, and writes messages for people.
 */
import type { Plain } from "./plain.js";

/** `out` is what the client said, `in` what the server said. */
export type Direction = "in" | "out";

/** A message as it goes on the wire. */
export interface LensMessage {
  readonly binary: boolean;
  readonly data: Buffer;
}

/** A message as a lens is shown it. */
export interface SeenMessage extends LensMessage {
  readonly direction: Direction;
  /** Milliseconds on any monotonic clock; the same one for all messages of a connection. */
  readonly at: number;
}

/** What a message answers. */
export interface LensReply {
  /** The request as its own title named it: `sum #3`. Harmless on a terminal. */
  readonly to: string;
  /** Milliseconds since the request was seen. */
  readonly elapsed: number;
}

/**
 * What part a message plays. A `control` message serves the protocol itself; an `error` either says
 * that something failed or breaks the protocol.
 */
type LensKind = "request" | "response" | "event" | "error" | "control";

/** A message as a lens sees it. */
export interface LensView {
  /** One short line, harmless on a terminal: `← result #3 sum (12.4 ms)`. */
  readonly title: string;
  readonly kind: LensKind;
  /**
   * What it carries, without the envelope, for pretty printing. The strings in it, keys included,
   * are the other side's own and not escaped. Never nested deeper than 500.
   */
  readonly body?: Plain | undefined;
  /**
   * Makes the message one line of JSON for programs, numbers as they were written where they were
   * text. Null where there is nothing for programs, in what only serves the protocol; undefined
   * where the message cannot be read, so that its bytes are all there is.
   */
  readonly line?: (() => string) | null | undefined;
  readonly reply?: LensReply | undefined;
  /** What the protocol obliges a client to send back lest it be disconnected: a pong. */
  readonly answer?: LensMessage | undefined;
}

/** A lens at work on one connection. After a reconnect another is needed: ids begin anew. */
export interface LensSession {
  /**
   * Every message of the connection, in order and in both directions. Undefined when it is none of
   * this protocol's. Never throws, whatever the other side sent.
   */
  see(message: SeenMessage): LensView | undefined;
  /**
   * The message that a line of a person stands for.
   * @throws WsctlError WSCTL_EUSAGE, its hint an example
   */
  encode(text: string): LensMessage;
}

/** A lens as it can be chosen. */
export interface Lens {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** A line that `encode` takes. */
  readonly example: string;
  /** The values of Sec-WebSocket-Protocol that tell that this protocol is spoken. */
  readonly subprotocols: readonly string[];
  /** Tells the same by the path and query of the request. */
  readonly path?: RegExp | undefined;
  create(): LensSession;
}

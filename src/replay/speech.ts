/** Owns what is said in a replay: recorded messages with the values of now, pings and pongs. */
import { isControl, Opcode } from "../frame/opcode.js";
import { MessageView } from "../message/view.js";
import type { MessageLine } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";
import { isData } from "./known-line.js";
import type { Carrying } from "./carrying.js";
import type { Learned } from "./learned.js";
import type { Leg } from "./leg.js";
import { withVariables } from "./redacted-fields.js";

/** More fragments than a session sends are cut down to so many. */
const mostFragments = 100_000;

/** A control frame holds so many bytes (RFC 6455 §5.5). */
const longestControl = 125;

/** The client's part. */
export class Speech {
  /** Messages that were handed over, and that could not be. */
  sent = 0;
  unsent = 0;
  /** How often each captured value was put into a message, by name. */
  readonly captured = new Map<string, number>();
  readonly #learned: Learned;
  readonly #carrying: Carrying;
  readonly #variables: ReadonlyMap<string, string>;

  constructor(learned: Learned, variables: ReadonlyMap<string, string>, carrying: Carrying) {
    this.#carrying = carrying;
    this.#learned = learned;
    this.#variables = variables;
  }

  /** Says what was said; without a connection, a message counts as unsent. */
  async say(leg: Leg | undefined, line: MessageLine): Promise<void> {
    if (isData(line)) {
      this.#carrying.sending(this.sent + this.unsent + 1);
      const isSent = leg !== undefined && (await this.#message(leg, line));
      if (isSent) this.sent++;
      else this.unsent++;
      return;
    }
    const { op } = line;
    const payload = payloadOf(line).subarray(0, longestControl);
    if (leg !== undefined && (op === Opcode.ping || op === Opcode.pong)) {
      await leg.control(op, payload);
    }
  }

  async #message(leg: Leg, line: MessageLine): Promise<boolean> {
    // A session makes no frames of the opcodes that nobody has defined.
    if (isControl(line.op) || (line.op !== Opcode.text && line.op !== Opcode.binary)) return false;
    const fragments = Math.min(Math.max(1, line.frags?.length ?? 1), mostFragments);
    return leg.send({ data: this.#dataOf(line), binary: line.op === Opcode.binary, fragments });
  }

  #dataOf(line: MessageLine): Buffer {
    const recorded = payloadOf(line);
    if (this.#learned.isEmpty && this.#variables.size === 0) return recorded;
    const view = new MessageView(line.op, recorded);
    const filled = withVariables(view, this.#variables, (name) => this.#carrying.filled(name));
    const said = filled === undefined ? view : new MessageView(line.op, filled);
    return this.#learned.messageOf(said, (value, name) => {
      if (name === undefined) this.#carrying.carried(value);
      else this.captured.set(name, (this.captured.get(name) ?? 0) + 1);
    });
  }
}

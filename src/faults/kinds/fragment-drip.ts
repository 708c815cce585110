/** Owns messages that drip: a byte, a pause, a byte, in fragments of their own (RFC 6455 §5.4). */
import { parseDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { encodeFrame } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import { ByteQueue, type Drip, type Drop } from "../drip.js";
import type { FaultKind } from "../fault.js";
import { dataFrames, isCompressed, payloadOf, type Message } from "../outgoing.js";
import { refuse } from "./value.js";

/** Where pauses are shorter than timers, so many fragments leave at once at most. */
const mostAtOnce = 4096;

/** A message, one byte of it in each fragment. */
class FragmentDrip implements Drip {
  readonly #head: { readonly opcode: number; readonly rsv: number };
  readonly #payloads: readonly Buffer[];
  readonly #isEndless: boolean;
  /** Whether its bytes can be said again and again. */
  readonly #repeats: boolean;
  readonly #pause: number;
  #bytes: ByteQueue;
  #hasBegun = false;

  constructor(message: Message, pause: number, isEndless: boolean) {
    const { opcode, rsv } = message.frames[0]!;
    this.#head = { opcode, rsv };
    this.#payloads = dataFrames(message).map(payloadOf);
    this.#bytes = new ByteQueue(this.#payloads);
    this.#pause = pause;
    this.#isEndless = isEndless;
    this.#repeats = isEndless && this.#bytes.length > 0 && !isCompressed(message);
  }

  next(): Drop {
    const count = Math.min(mostAtOnce, this.#pause < 1 ? Math.ceil(1 / this.#pause) : 1);
    const fragments: Buffer[] = [];
    let isLast = false;
    while (fragments.length < count && !isLast) {
      if (this.#repeats && this.#bytes.length === 0) this.#bytes = new ByteQueue(this.#payloads);
      const byte = this.#bytes.take(1);
      isLast = !this.#isEndless && this.#bytes.length === 0;
      fragments.push(this.#fragment(byte, isLast));
    }
    const bytes = fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments);
    return { bytes, wait: this.#pause * fragments.length, isLast };
  }

  rest(): Buffer {
    return this.#fragment(this.#bytes.take(Infinity), true);
  }

  #fragment(payload: Buffer, fin: boolean): Buffer {
    const head = this.#hasBegun ? { opcode: Opcode.continuation } : this.#head;
    this.#hasBegun = true;
    return encodeFrame({ ...head, fin }, payload);
  }
}

/** `10ms`, `endless`, or both. */
function read(value: string): { readonly pause: number; readonly isEndless: boolean } {
  const words = value.split(/\s+/);
  const isEndless = words.at(-1) === "endless";
  if (isEndless) words.pop();
  const pause = words.length === 0 ? 10 : parseDuration(words.join(" "));
  if (isEndless && pause < 1) {
    refuse(`"${safeLine(value)}" would never pause`, "write it like 1ms endless");
  }
  return { pause, isEndless };
}

export const fragmentDrip: FaultKind = {
  summary:
    "sends a message in fragments of one byte with pauses; endless: its last fragment never comes",
  reveals: "memory without bound, or a wait without end, for a message that does not come whole",
  value: {
    what: "the pause between fragments, endless, or both",
    example: "1ms endless",
    default: "10ms",
  },
  layer: "frames",
  create({ value }) {
    const { pause, isEndless } = read(value);
    return {
      attach(stage) {
        let isDripping = false;
        return {
          message(message) {
            const [first] = message.frames;
            const isOne = message.frames.length === 1 && payloadOf(first!).length < 2;
            if (!stage.fires(isEndless ? !isDripping : !isOne)) return stage.pass(message);
            stage.injected();
            isDripping = true;
            stage.drip(message, new FragmentDrip(message, pause, isEndless));
          },
          control(control) {
            if (control.opcode !== Opcode.close) {
              // Control frames may stand between fragments, and do not wait for the last.
              stage.overtake(control);
              return;
            }
            if (isDripping && isEndless) stage.forsake();
            stage.pass(control);
          },
          finishing(fin) {
            if (isDripping && isEndless) stage.forsake();
            stage.pass(fin);
          },
        };
      },
    };
  },
};

/** Owns how rules act on what passes: each ruling becomes the frames that go on in a message's place. */
import { safeLine } from "../base/safe-text.js";
import { isControl } from "../frame/opcode.js";
import { MessageView } from "../message/view.js";
import type { Direction } from "../session/session-events.js";
import type { DeflateSide } from "./deflate.js";
import type { Interference, Interferences, OpenFacts, Passing, Verdict } from "./interference.js";
import type { ProxyLink } from "./link.js";
import { Recoder } from "./recoder.js";
import type { RuleBench, Rules, Ruling } from "./rules.js";

const nothing = Buffer.alloc(0);

/** Rules at work on all connections of one proxy. */
export class RuleHand {
  readonly #rules: Rules;
  readonly #links = new Map<number, ProxyLink>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** A connection asks for a WebSocket. */
  meet(link: ProxyLink): void {
    this.#links.set(link.id, link);
    link.onClose(() => this.#links.delete(link.id));
  }

  /** What acts on a connection that was agreed to. */
  interfere({ connection, deflate }: OpenFacts): Interferences | undefined {
    const of = (direction: Direction): Interference | undefined => {
      const bench = this.#rules.bench(direction, connection);
      const close = (code: number, reason: string): void =>
        this.#links.get(connection)?.cut("close", code, reason);
      return bench && new RuleInterference(bench, direction, deflate?.[direction], close);
    };
    const found = { in: of("in"), out: of("out") };
    return found.in || found.out ? found : undefined;
  }
}

/** The rules of one direction of a connection. */
class RuleInterference implements Interference {
  /** Whether the receiver's window is no longer what the sender takes it for. */
  committed = false;
  readonly #bench: RuleBench;
  readonly #direction: Direction;
  readonly #takeover: boolean;
  readonly #recoder: Recoder;
  readonly #close: (code: number, reason: string) => void;

  /** @param close ends the connection by a close frame to the client */
  constructor(
    bench: RuleBench,
    direction: Direction,
    deflate: DeflateSide | undefined,
    close: (code: number, reason: string) => void,
  ) {
    this.#bench = bench;
    this.#direction = direction;
    this.#takeover = deflate?.takeover ?? false;
    this.#recoder = new Recoder({ masked: direction === "out", windowBits: deflate?.bits });
    this.#close = close;
  }

  judge(passing: Passing): Verdict | undefined {
    const { opcode, payload } = passing;
    const judgement = this.#bench.judge(new MessageView(opcode, payload));
    if (!judgement) return this.#isStale(passing) ? { bytes: this.#repack(passing) } : undefined;
    const { rule, ruling } = judgement;
    return { ...this.#carryOut(ruling, passing), note: `rule ${rule}: ${wordsOf(ruling)}` };
  }

  #carryOut(ruling: Ruling, passing: Passing): Verdict {
    const isStale = this.#isStale(passing);
    switch (ruling.kind) {
      case "failed":
        return isStale ? { bytes: this.#repack(passing) } : {};
      case "delay":
        return { delay: ruling.ms, ...(isStale && { bytes: this.#repack(passing) }) };
      case "drop":
        this.#commit(passing);
        return { bytes: nothing };
      case "replace": {
        this.#commit(passing);
        const { opcode, payload } = ruling;
        const bytes = isControl(opcode)
          ? this.#recoder.control(opcode, payload)
          : this.#recoder.message(opcode, payload, passing.compressed);
        return { bytes, instead: { opcode, payload } };
      }
      case "close": {
        this.#commit(passing);
        const { code, reason } = ruling;
        if (this.#direction === "in") {
          // After a close frame nothing is said in that direction (RFC 6455 §5.5.1).
          return { bytes: this.#recoder.close(code, reason), isLast: true };
        }
        // Its answer is what the server gets.
        this.#close(code, reason);
        return { bytes: nothing };
      }
      default:
        return ruling satisfies never;
    }
  }

  /** Whether the receiver could not unpack it as it came. */
  #isStale({ compressed }: Passing): boolean {
    return compressed && this.committed;
  }

  #repack({ opcode, payload }: Passing): Buffer {
    return this.#recoder.message(opcode, payload, true);
  }

  /** The message does not reach the receiver as it was sent: only a packed one is missed in a window. */
  #commit({ compressed }: Passing): void {
    if (compressed && this.#takeover) this.committed = true;
  }
}

function wordsOf(ruling: Ruling): string {
  switch (ruling.kind) {
    case "drop":
      return "dropped";
    case "delay":
      return `delayed by ${Math.round(ruling.ms)} ms`;
    case "replace":
      return ruling.isEdit ? "edited" : "replaced";
    case "close":
      return `closed with ${ruling.code}`;
    case "failed":
      return `not applied, ${safeLine(ruling.error.message)}`;
    default:
      return ruling satisfies never;
  }
}

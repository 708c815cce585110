/** Owns what is kept of messages that were amiss: the first few of each kind, with all that is known. */
import { type DeliveryExample, exampleKind, mostExamples } from "../../metrics/delivery.js";
import type { Gap } from "./delivery.js";

/** An example, as it is noted; names and moments are filled in at the end. */
interface Noted {
  readonly what: DeliveryExample["what"];
  readonly where: DeliveryExample["where"];
  /** Undefined of what is damaged. */
  readonly sender: number | undefined;
  readonly to: string;
  /** Of what is lost: its gap, whose other losses may still come to light. */
  readonly gap: Gap | undefined;
  readonly sequence: number | undefined;
  /** On `performance.now`'s clock. */
  readonly at: number;
}

/** The first of each kind. */
export class DeliveryExamples {
  readonly #noted: Noted[] = [];
  readonly #counts = new Map<string, number>();

  /** Whether there is room for one of its kind: making one costs something. */
  wants(what: Noted["what"], where: Noted["where"]): boolean {
    return (this.#counts.get(exampleKind({ what, where })) ?? 0) < mostExamples;
  }

  /** Keeps it if there is room for one of its kind; says whether it did. */
  note(one: Noted): boolean {
    const kind = exampleKind(one);
    const count = this.#counts.get(kind) ?? 0;
    if (count >= mostExamples) return false;
    this.#counts.set(kind, count + 1);
    this.#noted.push(one);
    return true;
  }

  /** All of them, as they are told. */
  told(nameOf: (sender: number) => string, startedAt: number): DeliveryExample[] {
    return this.#noted.map(({ what, where, sender, to, gap, sequence, at }) => ({
      what,
      where,
      from: sender === undefined ? undefined : nameOf(sender),
      to,
      first: gap ? gap.firstLost : sequence,
      last: gap ? gap.lastLost : sequence,
      count: gap ? gap.lost : 1,
      at: Math.max(0, at - startedAt),
    }));
  }
}

/** Owns the account of one recording's replay: counts of all, and the first differences in words. */
import type { Comparer } from "./compare.js";
import type { AlignmentSink } from "./aligner.js";
import type { Heard } from "./heard.js";
import type { JsonChange } from "./json-diff.js";
import type { Quotes } from "./quotes.js";
import type { Rewriter } from "./rewriter.js";
import type { Difference } from "./result.js";

/** So many differences are kept; all are counted. */
const mostDifferences = 500;

/** So many messages that are missing, or too many, are remembered, to find those that only moved. */
const mostLoose = 1024;

/** The account, to which the alignment is told. */
export class Account implements AlignmentSink {
  /** Messages; see `ConnectionResult`. */
  readonly counts = { same: 0, changed: 0, missing: 0, moved: 0, extra: 0 };
  readonly #comparer: Comparer;
  readonly #quotes: Quotes;
  readonly #rewriter: Rewriter | undefined;
  #tolerated = 0;
  #others = 0;
  readonly #differences = new Set<Difference>();
  /** By digest: differences that are missing, and extra, and may turn out to be one that moved. */
  readonly #loose = {
    missing: new Map<string, Loose>(),
    extra: new Map<string, Loose>(),
  };

  constructor(comparer: Comparer, quotes: Quotes, rewriter: Rewriter | undefined) {
    this.#quotes = quotes;
    this.#comparer = comparer;
    this.#rewriter = rewriter;
  }

  /** The first differences, in the order in which they were found. */
  get differences(): readonly Difference[] {
    return [...this.#differences];
  }

  /** How many messages differ, and openings and endings. */
  get count(): number {
    const { changed, missing, moved, extra } = this.counts;
    return changed + missing + moved + extra + this.#others;
  }

  /** So many messages may come that are not recorded: the recording itself lacks them. */
  tolerate(count: number): void {
    this.#tolerated += count;
  }

  same(recorded: Heard, received: Heard): void {
    this.counts.same++;
    this.#rewriter?.keep(recorded, received);
  }

  changed(recorded: Heard, received: Heard, changes: readonly JsonChange[]): void {
    this.counts.changed++;
    this.#rewriter?.replace(recorded, received);
    const numbers = { recorded: recorded.number, received: received.number, line: recorded.line };
    this.add({
      kind: "changed",
      ...numbers,
      changes: changes.map((one) => this.#quotes.change(one)),
    });
  }

  missing(recorded: Heard): void {
    this.#rewriter?.drop(recorded);
    const digest = this.#comparer.digestOf(recorded, true);
    if (this.#isMoved("extra", digest, recorded)) return;
    this.counts.missing++;
    const numbers = { recorded: recorded.number, line: recorded.line };
    this.#remember("missing", digest, { kind: "missing", ...numbers, ...this.#whole(recorded) });
  }

  extra(received: Heard): void {
    this.#rewriter?.insert(received);
    const digest = this.#comparer.digestOf(received, false);
    if (this.#isMoved("missing", digest, received)) return;
    if (this.#tolerated > 0) {
      this.#tolerated--;
      return;
    }
    this.counts.extra++;
    this.#remember("extra", digest, {
      kind: "extra",
      received: received.number,
      ...this.#whole(received),
    });
  }

  /** How a connection opened, or ended, if that differs. */
  tell(difference: Difference | undefined): void {
    if (difference === undefined) return;
    this.#others++;
    this.add(this.#quotes.difference(difference));
  }

  /** One more difference; it is not counted here. */
  add(difference: Difference): void {
    if (this.#differences.size < mostDifferences) this.#differences.add(difference);
  }

  /** Whether the other side lacks just this one; then both are one difference. */
  #isMoved(side: "missing" | "extra", digest: string, heard: Heard): boolean {
    const loose = this.#loose[side].get(digest)?.pop();
    if (loose === undefined) return false;
    if (side === "missing") this.counts.missing--;
    else this.counts.extra--;
    this.counts.moved++;
    const numbers =
      side === "missing"
        ? { recorded: loose.recorded, line: loose.line, received: heard.number }
        : { recorded: heard.number, line: heard.line, received: loose.received };
    this.#differences.delete(loose);
    this.add({ kind: "moved", ...numbers, changes: [], message: loose.message });
    return true;
  }

  #whole({ view }: Heard): Pick<Difference, "changes" | "message"> {
    return { changes: [], message: this.#quotes.message(view) };
  }

  #remember(side: "missing" | "extra", digest: string, difference: Difference): void {
    this.add(difference);
    const loose = this.#loose[side];
    const all = loose.get(digest) ?? [];
    all.push(difference);
    loose.delete(digest);
    loose.set(digest, all.slice(-16));
    if (loose.size > mostLoose) loose.delete(loose.keys().next().value!);
  }
}

type Loose = Difference[];

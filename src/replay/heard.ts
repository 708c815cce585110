/** Owns one data message, recorded or received, as it is held while its counterpart is looked for. */
import { Opcode } from "../frame/opcode.js";
import { MessageView } from "../message/view.js";
import { exactView } from "./exact-number.js";

/** Where a recorded message stands. */
interface HeardFrom {
  readonly line?: number | undefined;
  readonly isRedacted?: boolean | undefined;
  readonly place?: unknown;
}

/** A message, and what was found out about it so far. */
export class Heard {
  /** Among those of its side on one connection: 1, 2, 3 … */
  readonly number: number;
  /** Of its line in the file of the recording; undefined for one that was received. */
  readonly line: number | undefined;
  readonly view: MessageView;
  /** Whether something of it was redacted in the recording. */
  readonly isRedacted: boolean;
  /** Where it stands in the file that is written anew; see `rewriter.ts`. */
  readonly place: unknown;
  /** Set by whoever aligns; the same for messages that count as equal. */
  digest: string | undefined = undefined;
  features: ReadonlySet<string> | undefined = undefined;
  #exact: MessageView | undefined = undefined;

  constructor(
    what: { readonly number: number; readonly op: number; readonly data: Buffer },
    from: HeardFrom = {},
  ) {
    this.number = what.number;
    this.view = new MessageView(what.op, what.data);
    this.line = from.line;
    this.place = from.place;
    this.isRedacted = from.isRedacted === true;
  }

  /** The message with numbers that no double holds as texts that stand for them. */
  get exact(): MessageView {
    return (this.#exact ??= exactView(this.view));
  }

  /** Bytes of the payload. */
  get size(): number {
    return this.view.bytes.length;
  }
}

/** What an opcode is called. */
export function opcodeName(op: number): string {
  const names: readonly [number, string][] = [
    [Opcode.text, "text"],
    [Opcode.binary, "binary"],
    [Opcode.ping, "ping"],
    [Opcode.pong, "pong"],
  ];
  return names.find(([code]) => code === op)?.[1] ?? `opcode ${op}`;
}

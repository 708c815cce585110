/** Owns which lines of a recording are shown. */
import { WsctlError } from "../../base/errors.js";
import { formatDuration } from "../../base/quantity.js";
import { parseMatchExpression } from "../../message/match-expression.js";
import { MessageView } from "../../message/view.js";
import { Opcode } from "../../frame/opcode.js";
import { isClose, isMessage } from "../../recording/har/line-kind.js";
import type { CloseLine, KnownLine, OtherLine } from "../../recording/line.js";
import { payloadOf } from "../../recording/payload.js";

/** What was asked for; every field is optional. */
export interface Wanted {
  readonly filter?: string | undefined;
  readonly direction?: "in" | "out" | undefined;
  /** Milliseconds since the start. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Chooses lines. */
export class Selection {
  readonly #wanted: Wanted;
  readonly #matches: ((view: MessageView) => boolean) | undefined;

  /** @throws WsctlError WSCTL_EUSAGE for a match that cannot be compiled, and times without any between */
  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    const { from = 0, to = Infinity } = wanted;
    if (from > to) {
      const times = `--from ${formatDuration(from)} is after --to ${formatDuration(to)}`;
      throw new WsctlError("WSCTL_EUSAGE", times, {
        hint: "both count from the start of the recording",
      });
    }
    const matcher = wanted.filter === undefined ? undefined : parseMatchExpression(wanted.filter);
    this.#matches = matcher && ((view) => matcher.test(view));
  }

  /**
   * Whether the line is one of those; of what is no message, only the time is asked.
   * @param after ms that are added to its time
   */
  has(line: KnownLine | OtherLine, after = 0): boolean {
    const { direction, from = 0, to = Infinity } = this.#wanted;
    const time = line.t + after;
    if (time < from || time > to) return false;
    if (direction === undefined && !this.#matches) return true;
    if (isMessage(line)) {
      if (direction !== undefined && line.k !== direction) return false;
      return this.#matches?.(new MessageView(line.op, payloadOf(line))) ?? true;
    }
    if (!isClose(line)) return false;
    if (direction !== undefined && sideOf(line) !== direction) return false;
    return this.#matches?.(new MessageView(Opcode.close, closePayload(line))) ?? true;
  }
}

function sideOf({ by }: CloseLine): "in" | "out" | undefined {
  if (by === "nobody") return undefined;
  return by === "server" ? "in" : "out";
}

/** As a close frame has it, whatever the code is. */
function closePayload({ code, reason }: CloseLine): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code & 0xffff);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** Owns how a replay is put into words: its counts, its differences, what was waited for. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type {
  CarriedValue,
  ConnectionResult,
  Difference,
  ShownChange,
  VainWait,
} from "../../replay/result.js";

/** `3 messages`, `1 message`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** What was said and what came, in numbers. */
export function countsInWords(result: ConnectionResult): string {
  const { sent, unsent, received, recorded, opened } = result;
  const parts = [
    `sent ${sent}${unsent > 0 ? ` of ${sent + unsent}` : ""}`,
    `received ${received}, recorded ${recorded}`,
    ...(["same", "changed", "missing", "extra", "moved"] as const)
      .filter((kind) => result[kind] > 0)
      .map((kind) => `${result[kind]} ${kind}`),
    ...(opened > 1 ? [`opened ${opened} times`] : []),
  ];
  return parts.join(" · ");
}

/** How many differences there are, with those of opening and closing. */
export function differenceCount({
  changed,
  missing,
  extra,
  moved,
  unsent,
  differences,
}: ConnectionResult): number {
  const others =
    differences.filter(({ kind }) => kind === "close" || kind === "upgrade").length + unsent;
  return changed + missing + extra + moved + others;
}

function lineOf({ line }: Difference): string {
  return line === undefined ? "" : ` (line ${line})`;
}

/** What kind of difference it is, and of which message. */
export function headOf(difference: Difference): string {
  const { kind, recorded, received } = difference;
  const line = lineOf(difference);
  switch (kind) {
    case "changed":
      return recorded === received
        ? `#${recorded} is not as recorded${line}`
        : `#${recorded} is not as recorded${line}; it came as #${received}`;
    case "missing":
      return `#${recorded} did not come${line}`;
    case "extra":
      return `#${received} came, and was not recorded`;
    case "moved":
      return `#${recorded} came in another place${line}, as #${received}`;
    case "close":
      return `the connection ended otherwise${line}`;
    case "upgrade":
      return `the connection opened otherwise${line}`;
    case "unsent":
      return `a message could not be sent${line}`;
    default:
      return kind satisfies never;
  }
}

/** One change in one line: `path: recorded ≠ received`. */
export function changeInWords(
  { path, recorded, received }: ShownChange,
  paint: { readonly was: (text: string) => string; readonly now: (text: string) => string },
): string {
  const was = recorded === undefined ? "nothing" : safeLine(recorded, 500);
  const now = received === undefined ? "nothing" : safeLine(received, 500);
  return `${safeLine(path, 200)}: ${paint.was(was)} ≠ ${paint.now(now)}`;
}

/** What was waited for in vain. */
export function waitInWords({
  send,
  line,
  lacking,
  first,
  message = "",
  waited,
}: VainWait): string {
  const which =
    first === undefined ? "" : `; the first of them is #${first}: ${safeLine(message, 200)}`;
  const had = lacking === 1 ? "1 message had not come" : `${lacking} messages had not come`;
  return `send ${send} (line ${line}) waited ${formatDuration(waited)} in vain: ${had}${which}`;
}

/** What became of a value that was received first and sent later. */
export function detectedInWords(one: CarriedValue, pace: string): string {
  const { value, received, sent, carried, early } = one;
  const [from, to] = [safeLine(received.path, 100), safeLine(sent.path, 100)];
  const what = `${from} of received #${received.message} (${safeLine(value, 20)})`;
  const more = carried <= 1 ? "" : `, and in ${counted(carried - 1, "more place")}`;
  const remedy = pace === "gated" ? "" : ": use --pace gated";
  const late = `sent #${sent.message} left before ${from} had come${remedy}`;
  if (carried > 0) {
    const well = `carried: ${what} is sent as ${to} of sent #${sent.message}${more}`;
    return early ? `${well}; but ${late}` : well;
  }
  if (early) return `not carried: ${what}: ${late}`;
  return `nothing to carry: ${what} is what it was, or did not come`;
}

/** What it came to, in a few words. */
export function outcomeInWords(result: ConnectionResult): string {
  switch (result.outcome) {
    case "same":
      return "all came as recorded";
    case "different": {
      const count = counted(differenceCount(result), "difference");
      return result.updated ? `${count}, accepted into the recording` : count;
    }
    case "late":
      return "all came as recorded, though too late for what was sent";
    case "lost":
      return "the connection broke";
    case "failed":
      return result.failure?.code === "WSCTL_EUSAGE"
        ? "the recording cannot be replayed"
        : "the connection could not be opened";
    case "interrupted":
      return "interrupted";
    default:
      return result.outcome satisfies never;
  }
}

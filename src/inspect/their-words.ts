/**
 * Owns the bounds of what others said within a sentence of ours: a secret that is a plain word is
 * taken out between them, and out of nothing that we say ourselves.
 */
import { safeLine } from "../base/safe-text.js";

// For private use, so that no text has them by chance; whoever sends them all the same loses them.
const first = "\ue000";
const last = "\ue001";
const bounds = /[\ue000\ue001]/g;
// One that was cut off goes on to the end: rather too much is theirs.
const marked = /\ue000([^\ue001]*)(?:\ue001|$)/g;

/** Words of others for a sentence of ours: harmless, on one line, and known for theirs. */
export function theirs(text: string, limit = 500): string {
  const shown = safeLine(unmarked(text), limit);
  return shown === "" ? "" : first + shown + last;
}

/** The text without the bounds, as it is shown. */
export function unmarked(text: string): string {
  return text.replace(bounds, "");
}

/** The text with what is ours and what is theirs changed apart, and without the bounds. */
export function eachApart(
  text: string,
  ours: (text: string) => string,
  others: (text: string) => string,
): string {
  if (!text.includes(first)) return ours(unmarked(text));
  const spans: string[] = [];
  const rest = text.replace(marked, (_whole, said: string) => {
    spans.push(others(unmarked(said)));
    return first;
  });
  // Ours is looked at in one piece, since quotes may stand around what is theirs.
  const kept = ours(rest.replaceAll(last, ""));
  return kept
    .split(first)
    .map((part, index) => part + (spans[index] ?? ""))
    .join("");
}

/** Owns which lens a person means by a word. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import type { Lens } from "../lens/lens.js";
import { lenses } from "../lens/lenses.js";

/** Undefined takes what the connection tells, null none. */
export type LensChoice = Lens | null | undefined;

/**
 * The choice that `auto`, `off` or a name stands for.
 * @throws WsctlError WSCTL_EUSAGE for a lens that there is not
 */
export function lensChoice(word: string): LensChoice {
  if (word === "auto") return undefined;
  if (word === "off") return null;
  const found = lenses.get(word);
  if (found) return found;
  const guess = nearest(word, lenses.keys());
  throw new WsctlError("WSCTL_EUSAGE", `there is no lens "${safeLine(word, 40)}"`, {
    hint: guess ? `did you mean ${guess}?` : `there are ${[...lenses.keys()].join(", ")}`,
  });
}

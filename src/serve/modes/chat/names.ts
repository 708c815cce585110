/** Owns what may be said in a chat: names of rooms and people, texts, and their bounds. */
import { safeText } from "../../../base/safe-text.js";

/** Characters of a name, and of a text. */
export const longestName = 64;
export const longestText = 16 * 1024;

/** Whether a value can be the name of a room or of somebody in it. */
export function isName(name: unknown): name is string {
  if (typeof name !== "string" || name === "" || name.length > longestName) return false;
  return safeText(name) === name && !/[\n\t]/.test(name);
}

/** Whether a value can be said. */
export function isText(text: unknown): text is string {
  return typeof text === "string" && text.length <= longestText;
}

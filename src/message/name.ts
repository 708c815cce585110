/** Owns what a variable may be called. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** One name: `room`, `user_id`, `x-request-id`. Dots join them: `users.token`. */
const shape = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** Names that mean something to JavaScript's objects, so that no table anywhere is tricked. */
const reserved: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a hole may speak of this name: one name, or several joined by dots. */
export function isName(text: string): boolean {
  return text.split(".").every((part) => shape.test(part) && !reserved.has(part));
}

/**
 * The name, if a variable may be called so.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function requireName(name: unknown): string {
  if (typeof name === "string" && !name.includes(".") && isName(name)) return name;
  throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(String(name), 60)}" cannot be a variable`, {
    hint: "a letter, then letters, digits, _ or -; __proto__, constructor and prototype are taken",
  });
}

/** Owns how people write shares: `10%`, or 0 to 1. */
import { WsctlError } from "../../base/errors.js";

/**
 * The share, 0 to 1.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseShare(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim()) ?? [];
  const value = Number(digits) / (percent === "%" ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new WsctlError("WSCTL_EUSAGE", `"${text}" is not a share`, {
    hint: "write it like 10%, or 0.1; the whole is 100%",
  });
}

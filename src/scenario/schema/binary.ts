/** Owns how people write bytes: `hex:0001ff`, `base64:AAH/`, or `@file`. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";

/** Bytes, or the file that holds them. */
export type WrittenBytes = { readonly bytes: Buffer } | { readonly file: string };

/**
 * Reads how bytes are written.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseBytes(written: string): WrittenBytes {
  const refuse = (why: string): WsctlError =>
    new WsctlError("WSCTL_EUSAGE", `"${safeLine(written, 40)}" ${why}`, {
      hint: "write it like hex:0001ff, base64:AAH/ or @file",
    });
  if (written.startsWith("@") && written.length > 1) return { file: written.slice(1) };
  const [, kind, rest = ""] = /^(hex|base64):(.*)$/s.exec(written) ?? [];
  const digits = rest.replace(/\s/g, "");
  if (kind === "hex") {
    if (/^(?:[0-9a-fA-F]{2})*$/.test(digits)) return { bytes: Buffer.from(digits, "hex") };
    throw refuse("is not hexadecimal");
  }
  if (kind === "base64") {
    // Node drops what does not belong, and would send fewer bytes than were meant.
    if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(digits) && digits.replace(/=+$/, "").length % 4 !== 1) {
      return { bytes: Buffer.from(digits, "base64") };
    }
    throw refuse("is not base64");
  }
  throw refuse("does not say how its bytes are written");
}

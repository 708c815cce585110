/** Owns how large a message was, in words, where it was not kept: as much of that as is known. */
import { formatSize } from "../base/quantity.js";
import type { Heard } from "./tap.js";

/** Such as `20 bytes`, or `24 bytes compressed, more than 3.91 KiB inflated`. */
export function sizeWords({ size, packed }: Pick<Heard, "size" | "packed">): string {
  const bytes = `${size} bytes`;
  if (!packed) return bytes;
  const { moreThan } = packed;
  const more = moreThan === undefined ? "" : `, more than ${formatSize(moreThan)} inflated`;
  return `${bytes} compressed${more}`;
}

/** Owns `$uuid`. */
import type { Random } from "../../base/random.js";
import { plain } from "./builtin.js";

const uuidLength = 36;
const hexDigits = Buffer.from("0123456789abcdef", "latin1");

/** Writes a UUID of version 4 (RFC 9562 §5.4). */
function writeUuid(into: Buffer, at: number, random: Random): void {
  let bits = 0;
  for (let place = 0, left = 0; place < uuidLength; place++) {
    if (place === 8 || place === 13 || place === 18 || place === 23) {
      into[at + place] = 0x2d;
      continue;
    }
    if (left === 0) [bits, left] = [random.uint32(), 8];
    let digit = bits & 15;
    bits >>>= 4;
    left--;
    if (place === 14) digit = 4;
    if (place === 19) digit = 8 | (digit & 3);
    into[at + place] = hexDigits[digit]!;
  }
}

const scratch = Buffer.alloc(uuidLength);

/** `$uuid`: seeded like all randomness, so it identifies within a run and is no secret. */
export const uuid = plain("$uuid", "a random UUID (version 4)", {
  cadence: "message",
  read: ({ random }) => {
    writeUuid(scratch, 0, random);
    return scratch.toString("latin1");
  },
  isText: true,
  write: (into, at, width, { random }) => {
    if (width !== uuidLength) return false;
    writeUuid(into, at, random);
    return true;
  },
});

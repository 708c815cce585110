/**
 * Owns the check of MessagePack before it is decoded (github.com/msgpack/msgpack, spec.md). An
 * array of 65,535 items is announced in three bytes and its room made at once; nested, a message of
 * some kilobytes would take all memory. Here nothing may announce more than the bytes to come hold.
 */
import { deepestPlain } from "./plain.js";

/** One value's head, as offsets from its type byte. */
interface Head {
  /** Bytes of the head and of what it carries itself. */
  readonly length: number;
  /** Values that follow as its members. */
  readonly members: number;
}

/** Of the types 0xc0 to 0xdf: bytes of the number behind the type byte. */
const numberBytes = [
  0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4,
];

/** Of the same types: bytes that follow beside those a number tells of; an extension has a type. */
const ownBytes = [
  0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0,
];

function headAt(bytes: Buffer, at: number): Head | undefined {
  const type = bytes[at]!;
  if (type < 0x80 || type >= 0xe0) return { length: 1, members: 0 };
  if (type < 0x90) return { length: 1, members: 2 * (type & 0x0f) };
  if (type < 0xa0) return { length: 1, members: type & 0x0f };
  if (type < 0xc0) return { length: 1 + (type & 0x1f), members: 0 };
  if (type === 0xc1) return undefined;
  const width = numberBytes[type - 0xc0]!;
  if (at + 1 + width > bytes.length) return undefined;
  const number = width === 0 ? 0 : bytes.readUIntBE(at + 1, width);
  if (type >= 0xdc) return { length: 1 + width, members: type >= 0xde ? 2 * number : number };
  return { length: 1 + width + ownBytes[type - 0xc0]! + number, members: 0 };
}

/** Why these bytes are not one whole MessagePack value, in a few words; undefined when they are. */
export function flawOf(bytes: Buffer): string | undefined {
  /** Values to come, at each level of nesting. */
  const open = [1];
  let expected = 1;
  let at = 0;
  while (expected > 0) {
    if (expected > bytes.length - at) return "it ends too early";
    const head = headAt(bytes, at);
    if (!head) return `a value at byte ${at} is none`;
    at += head.length;
    expected += head.members - 1;
    open[open.length - 1]!--;
    if (head.members > 0) open.push(head.members);
    if (open.length > deepestPlain) return "it is nested too deep";
    while (open.length > 0 && open.at(-1) === 0) open.pop();
  }
  if (at > bytes.length) return "it ends too early";
  return at < bytes.length ? `more follows the value, from byte ${at} on` : undefined;
}

/**
 * Owns the lens msgpack: binary messages of MessagePack (github.com/msgpack/msgpack, spec.md). What
 * JSON does not know is shown as an object with one key that begins with $.
 */
import { Decoder, ExtData, ExtensionCodec, encode } from "@msgpack/msgpack";
import { messageOf } from "../base/errors.js";
import { longestRead } from "./json-text.js";
import type { Lens, LensSession, LensView, SeenMessage } from "./lens.js";
import { flawOf } from "./msgpack-shape.js";
import { type Plain, isList, isPlainObject, member, outline, plainBytes } from "./plain.js";
import { wellFormed } from "./spelling.js";
import { named, titleOf } from "./title.js";

const example = '{"op":"join","room":7}';

/** Keeps every extension as bytes, the timestamp too: a Date has no room for its nanoseconds. */
const noExtensions = new (class extends ExtensionCodec {
  override decode(data: Uint8Array, type: number): ExtData {
    return new ExtData(type, data);
  }
})();

/**
 * Maps may have keys of any kind; here they become text. Not so lists and maps: text in text in
 * text doubles its escapes at each level, so that a few bytes would grow without end.
 */
function keyText(key: unknown): string | number {
  if (typeof key === "string" || typeof key === "number") return key;
  const plain = plainOf(key);
  if (isList(plain) || (isPlainObject(plain) && !isLeaf(key))) {
    throw new Error("a key is a list or a map, which cannot be shown");
  }
  return JSON.stringify(plain);
}

/** Whether a decoded object holds no others. */
function isLeaf(value: unknown): boolean {
  return value instanceof Uint8Array || value instanceof ExtData || typeof value === "bigint";
}

/** What was decoded, as plain data. */
function plainOf(value: unknown): Plain {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") {
    const number = Number(value);
    const isExact =
      typeof value === "number" ? Number.isFinite(value) : Number.isSafeInteger(number);
    return isExact ? number : { $number: String(value) };
  }
  if (value instanceof Uint8Array) return plainBytes(value);
  if (value instanceof ExtData) return extension(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainOf(item)]));
}

/** The one extension that the specification itself defines is the timestamp, type -1. */
function extension({ type, data }: ExtData): Plain {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array();
  const time = type === -1 ? timestamp(Buffer.from(bytes)) : undefined;
  return time === undefined ? { $ext: type, ...plainBytes(bytes) } : { $timestamp: time };
}

/** ISO 8601 with nanoseconds where there are any; undefined when it is none that a Date can hold. */
function timestamp(bytes: Buffer): string | undefined {
  let [seconds, nanoseconds] = [0, 0];
  if (bytes.length === 4) seconds = bytes.readUInt32BE();
  else if (bytes.length === 8) {
    const both = bytes.readBigUInt64BE();
    seconds = Number(both & 0x3_ffff_ffffn);
    nanoseconds = Number(both >> 34n);
  } else if (bytes.length === 12) {
    nanoseconds = bytes.readUInt32BE();
    seconds = Number(bytes.readBigInt64BE(4));
  } else return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()) || nanoseconds > 999_999_999) return undefined;
  const fraction = nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0")}`;
  return date.toISOString().replace(".000Z", `${fraction}Z`);
}

/** Bytes that were written as `{"$binary":"AQID"}` become bytes again. */
function packable(value: Plain): unknown {
  if (isList(value)) return value.map(packable);
  if (!isPlainObject(value)) return value;
  const bytes = member(value, "$binary");
  if (typeof bytes === "string" && Object.keys(value).length === 1) {
    return Buffer.from(bytes, "base64");
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, packable(item)]));
}

class MessagePack implements LensSession {
  // One that is not shared, with no cache: what one connection said is not kept for the next.
  readonly #decoder = new Decoder({
    useBigInt64: true,
    extensionCodec: noExtensions,
    mapKeyConverter: keyText,
    keyDecoder: null,
    maxStrLength: longestRead,
    maxBinLength: longestRead,
    maxExtLength: longestRead,
    maxArrayLength: longestRead,
    maxMapLength: longestRead,
  });

  see({ direction, binary, data }: SeenMessage): LensView | undefined {
    if (!binary || data.length > longestRead) return undefined;
    let flaw = flawOf(data);
    try {
      if (flaw === undefined) {
        const body = plainOf(this.#decoder.decode(data));
        const title = titleOf(direction, outline(body));
        return { title, kind: "event", body, line: () => JSON.stringify(body) };
      }
    } catch (thrown) {
      flaw = messageOf(thrown);
    }
    return { title: titleOf(direction, `not MessagePack: ${named(flaw)}`), kind: "error" };
  }

  encode(text: string): ReturnType<LensSession["encode"]> {
    const bytes = encode(packable(wellFormed(text, example)), { maxDepth: Infinity });
    return { data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), binary: true };
  }
}

/** Shows MessagePack as JSON, and sends JSON as MessagePack. */
export const msgpack: Lens = {
  name: "msgpack",
  summary: 'MessagePack, shown and written as JSON; bytes are {"$binary":"BASE64"}',
  example,
  subprotocols: ["msgpack"],
  create: () => new MessagePack(),
};

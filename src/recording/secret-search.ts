/**
 * Owns finding many secrets in bytes at once (Aho and Corasick): the time depends on how many bytes are
 * looked through, whatever they and the secrets are. Where nothing has begun, bytes are skipped by what
 * stands ahead of them (Wu and Manber), so that the usual message costs next to nothing.
 */
import { hasEscapes, Unescaper } from "./unescaper.js";

/** Bytes that stand for one another in some spelling: base64, forms, and the letters of JSON's escapes. */
const alike: ReadonlyMap<string, string> = new Map([
  ["-", "+"],
  [" ", "+"],
  ["_", "/"],
  ["\n", "n"],
  ["\r", "r"],
  ["\t", "t"],
  ["\b", "b"],
  ["\f", "f"],
]);

const fold = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return (alike.get(char) ?? char).charCodeAt(0);
});

const skipSize = 4096;

function skipAt(first: number, second: number): number {
  return ((first << 5) ^ second) & (skipSize - 1);
}

/** Parts of bytes, each its begin and its end; in order of their ends. */
export type Parts = number[];

/** Adds a part, which ends behind all others, and takes those that it touches in. */
function add(parts: Parts, from: number, to: number): void {
  let begin = from;
  while (parts.length > 0 && parts.at(-1)! >= begin) {
    parts.pop();
    begin = Math.min(begin, parts.pop()!);
  }
  parts.push(begin, to);
}

/** Both in one, in order, none touching another. */
export function united(one: Parts, other: Parts): Parts {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  const all: [number, number][] = [];
  for (const parts of [one, other]) {
    for (let at = 0; at < parts.length; at += 2) all.push([parts[at]!, parts[at + 1]!]);
  }
  const result: Parts = [];
  let reach = 0;
  for (const [from, to] of all.toSorted(([a], [b]) => a - b)) {
    reach = Math.max(reach, to);
    add(result, from, reach);
  }
  return result;
}

/** Looks for some secrets; there has to be one. */
export class SecretSearch {
  /** Each node is found by the one before it and by its byte. */
  readonly #nodes: Int32Array;
  readonly #mask: number;
  readonly #before: Int32Array;
  readonly #byte: Uint8Array;
  readonly #depth: Uint16Array;
  /** Of each node, the longest end of it that something begins with. */
  readonly #fallback: Int32Array;
  /** Of each node, how long the longest secret is that ends there; 0 for none. */
  readonly #found: Uint16Array;
  readonly #skip = new Uint8Array(skipSize);
  readonly #shortest: number;
  readonly #longest: number;
  #count = 1;

  /** @param secrets each of 2 bytes at least, and of 1,000 at most */
  constructor(secrets: readonly Uint8Array[]) {
    const total = secrets.reduce((sum, { length }) => sum + length, 1);
    const size = 2 ** Math.ceil(Math.log2(total * 1.6 + 1));
    this.#nodes = new Int32Array(size);
    this.#mask = size - 1;
    this.#before = new Int32Array(total);
    this.#byte = new Uint8Array(total);
    this.#depth = new Uint16Array(total);
    this.#fallback = new Int32Array(total);
    this.#found = new Uint16Array(total);
    const lengths = secrets.map(({ length }) => length);
    this.#shortest = Math.min(255, ...lengths);
    this.#longest = Math.max(...lengths);
    this.#skip.fill(this.#shortest - 1);
    for (const secret of secrets) this.#insert(secret);
    this.#link();
  }

  /**
   * Finds them as they stand.
   * @param isCut whether the end may be missing
   * @returns if so, how many of the last bytes some secret begins with
   */
  plain(bytes: Uint8Array, parts: Parts, isCut: boolean): number {
    const [skip, found, shortest] = [this.#skip, this.#found, this.#shortest];
    const { length } = bytes;
    const last = length - shortest;
    let state = 0;
    for (let at = 0; at < length;) {
      if (state === 0 && at > last && !isCut) return 0;
      if (state === 0 && at <= last) {
        const ahead = at + shortest;
        const by = skip[skipAt(fold[bytes[ahead - 2]!]!, fold[bytes[ahead - 1]!]!)]!;
        if (by > 0) {
          at += by;
          continue;
        }
      }
      state = this.#step(state, fold[bytes[at++]!]!);
      if (found[state]! > 0) add(parts, at - found[state]!, at);
    }
    return this.#depth[state]!;
  }

  /**
   * Finds them where escapes of JSON and URLs stand for some of their bytes.
   * @returns as {@link plain}; undefined where no escape is near the end
   */
  escaped(bytes: Uint8Array, parts: Parts): number | undefined {
    if (!hasEscapes(bytes)) return undefined;
    const reader = new Unescaper(bytes);
    const [found, depth] = [this.#found, this.#depth];
    // Where the latest bytes began; more of them than a secret has.
    const begins = new Int32Array(1024);
    for (let escape = reader.escapeFrom(0); escape < bytes.length;) {
      // What has no escape in it is found as it stands.
      reader.at = Math.max(reader.at, escape - this.#longest);
      let [state, seen, since] = [0, 0, 0];
      while (reader.at <= escape || since < depth[state]!) {
        if (reader.at >= bytes.length) return depth[state]!;
        const isEscape = reader.next();
        for (let at = 0; at < reader.count; at++) {
          begins[seen++ & 1023] = reader.begin;
          state = this.#step(state, fold[reader.bytes[at]!]!);
          const size = found[state]!;
          if (size > 0) add(parts, begins[(seen - size) & 1023]!, reader.at);
        }
        since = isEscape ? 0 : since + reader.count;
      }
      escape = reader.escapeFrom(reader.at);
    }
    return undefined;
  }

  #insert(secret: Uint8Array): void {
    let node = 0;
    for (const byte of secret) {
      const folded = fold[byte]!;
      const next = this.#next(node, folded);
      node = next === 0 ? this.#grow(node, folded) : next;
    }
    this.#found[node] = secret.length;
    const last = this.#shortest - 2;
    for (let at = 0; at <= last; at++) {
      const slot = skipAt(fold[secret[at]!]!, fold[secret[at + 1]!]!);
      this.#skip[slot] = Math.min(this.#skip[slot]!, last - at);
    }
  }

  #grow(before: number, byte: number): number {
    const node = this.#count++;
    this.#before[node] = before;
    this.#byte[node] = byte;
    this.#depth[node] = this.#depth[before]! + 1;
    this.#nodes[this.#slot(before, byte)] = node;
    return node;
  }

  /** The node that follows, or 0. */
  #next(node: number, byte: number): number {
    return this.#nodes[this.#slot(node, byte)]!;
  }

  /** Where that node stands, or would. */
  #slot(node: number, byte: number): number {
    const hash = Math.imul((node << 8) | byte, 0x9e3779b1);
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    for (;;) {
      const there = this.#nodes[slot]!;
      if (there === 0 || (this.#before[there] === node && this.#byte[there] === byte)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #step(from: number, byte: number): number {
    let state = from;
    for (;;) {
      const next = this.#next(state, byte);
      if (next !== 0 || state === 0) return next;
      state = this.#fallback[state]!;
    }
  }

  /** Shallow nodes first: each needs those above it. */
  #link(): void {
    for (const node of this.#byDepth()) {
      const before = this.#before[node]!;
      const back = before === 0 ? 0 : this.#step(this.#fallback[before]!, this.#byte[node]!);
      this.#fallback[node] = back;
      if (this.#found[node] === 0) this.#found[node] = this.#found[back]!;
    }
  }

  /** All nodes but the first, sorted by counting. */
  #byDepth(): Int32Array {
    const places = new Int32Array(this.#longest + 2);
    for (let node = 1; node < this.#count; node++) places[this.#depth[node]! + 1]!++;
    for (let depth = 1; depth < places.length; depth++) places[depth]! += places[depth - 1]!;
    const order = new Int32Array(this.#count - 1);
    for (let node = 1; node < this.#count; node++) order[places[this.#depth[node]!]!++] = node;
    return order;
  }
}

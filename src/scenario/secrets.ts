/** Owns which parts of a scenario file are secrets, so that a line of it can be shown without them. */
import type { YamlSource } from "../base/yaml-source.js";
import { isSecretName, isSecretParameter } from "../base/secret-name.js";
import { isSecretKey, secretBehindName } from "./redact.js";
import { secretsOfLines, type Range } from "./secret-lines.js";

/** A hole of a template is no secret, unless the text stands in it. */
const hole = /(?<!\\)\{\{[^{}"']*\}\}/g;

/** Two words, the first of which says that the second is a secret (RFC 9110 §11.4). */
const scheme = /^["']?(?:bearer|basic|token)[ \t]+(?=[^\s"']+["']?$)/i;

/** What of an address may be one: what stands before an @, and values of parameters. */
const credentials = /(?<=\/\/)[^\s/?#@"']{1,2000}(?=@)/g;
const parameter = /(?<=[?&])([^\s=&#"']{1,200})=([^\s&#"']+)/g;

/** The secrets of one file. */
export class Secrets {
  /** In order; none overlaps another. */
  readonly #ranges: readonly Range[];

  constructor(source: YamlSource) {
    const found: Range[] = [];
    source.eachScalar((keys, from, to, isKey) => {
      const text = source.slice(from, to);
      if (isKey) {
        const name = secretBehindName(text, keys);
        if (name !== undefined) found.push([from + name, to]);
        return;
      }
      for (const [start, end] of secretsIn(keys, text)) found.push([from + start, from + end]);
    });
    if (!source.isSound) {
      const text = source.slice(0, Infinity);
      found.push(...secretsIn([], text), ...secretsOfLines(text));
    }
    this.#ranges = merged(found);
  }

  /** The text of the file that begins at the offset, with dots for secrets: as long as before. */
  masked(text: string, offset: number): string {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]![1] <= offset) low = middle + 1;
      else high = middle;
    }
    let shown = "";
    for (let index = low; index < this.#ranges.length; index++) {
      const [from, to] = this.#ranges[index]!;
      const start = Math.max(0, from - offset);
      if (start >= text.length) break;
      const end = Math.min(text.length, to - offset);
      shown += text.slice(shown.length, start) + "•".repeat(end - start);
    }
    return shown + text.slice(shown.length);
  }
}

/**
 * The secret parts of a scalar's text, as it stands in the file.
 * @param keys those above it
 */
export function secretsIn(keys: readonly string[], text: string): Range[] {
  if (keys.some((key) => isSecretKey(key))) return around(text, 0);
  const header = secretOfHeader(keys, text) ?? scheme.exec(text)?.[0].length;
  if (header !== undefined) return around(text, header);
  if (!text.includes("//") && !text.includes("?")) return [];
  const found: Range[] = [];
  for (const { index, 0: whole } of text.matchAll(credentials)) {
    found.push([index, index + whole.length]);
  }
  for (const { index, 0: whole, 1: name = "", 2: value = "" } of text.matchAll(parameter)) {
    if (!isSecretParameter(decoded(name))) continue;
    found.push([index + whole.length - value.length, index + whole.length]);
  }
  return found;
}

/** From which index on the text is the secret part of a header, if it is one. */
function secretOfHeader(keys: readonly string[], text: string): number | undefined {
  const depth = keys.findIndex((key) => /^headers?$/.test(key));
  if (depth < 0) return undefined;
  // `{ name: authorization, value: … }` is how others write them: anything may be the secret of these.
  const below = keys.slice(depth + 1);
  if (below.length > 1 || below[0] === "value") return 0;
  if (below.length === 1) return undefined;
  const colon = text.indexOf(":");
  // Without a colon it is no header, and its parts cannot be told apart.
  if (colon < 0) return 0;
  const name = text.slice(0, colon).replace(/["']/g, "").trim();
  return isSecretName(name) ? colon + 1 : undefined;
}

/** All from the index on, but for holes of templates. */
function around(text: string, from: number): Range[] {
  const found: Range[] = [];
  let at = from;
  for (const { index, 0: whole } of text.matchAll(hole)) {
    if (index < at) continue;
    if (index > at) found.push([at, index]);
    at = index + whole.length;
  }
  if (at < text.length) found.push([at, text.length]);
  return found;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** In order, and each place once: what an alias stands for is found several times. */
function merged(ranges: readonly Range[]): Range[] {
  const whole: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = whole.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}

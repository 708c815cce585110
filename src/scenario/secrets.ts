/** Owns which parts of a scenario file are secrets, so that a line of it can be shown without them. */
import type { YamlSource } from "../base/yaml-source.js";
import { isSecretName, isSecretParameter } from "./redact.js";

/** Offsets: from (included) to (excluded). */
type Range = readonly [number, number];

/** A hole of a template is no secret, unless the text stands in it. */
const hole = /\{\{[^{}"']*\}\}/g;

/** What of an address may be one: what stands before an @, and values of parameters. */
const credentials = /(?<=\/\/)[^\s/?#@"']{1,2000}(?=@)/g;
const parameter = /(?<=[?&])([^\s=&#"']{1,200})=([^\s&#"']+)/g;

/** Whatever looks like a key. */
const named = /(?<![\w.-])([\w.-]{1,64})["']?[ \t]{0,8}:/g;

/** The secrets of one file. */
export class Secrets {
  /** In order; none overlaps another. */
  readonly #ranges: readonly Range[];

  constructor(source: YamlSource) {
    const found: Range[] = [];
    source.eachScalar((keys, from, to) => {
      const text = source.slice(from, to);
      for (const [start, end] of secretsIn(keys, text)) found.push([from + start, from + end]);
    });
    if (!source.isSound) found.push(...secretsOfLines(source.slice(0, Infinity)));
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

/** The secret parts of a scalar's text, as it stands in the file. */
function secretsIn(keys: readonly string[], text: string): Range[] {
  if (keys.some((key) => isSecretKey(key))) return around(text, 0);
  if (keys.at(-1) === "headers") {
    const colon = text.indexOf(":");
    const name = text.slice(0, colon < 0 ? text.length : colon);
    if (isSecretName(name.replace(/["']/g, "").trim())) return around(text, colon + 1);
  }
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

/**
 * The secrets of a file that cannot be read as YAML, and whose scalars may be anything: all that
 * stands behind a telling name on its line.
 */
function secretsOfLines(text: string): Range[] {
  const found = secretsIn([], text);
  for (const { index, 0: whole, 1: name = "" } of text.matchAll(named)) {
    if (!isSecretKey(name)) continue;
    const from = index + whole.length;
    const end = text.indexOf("\n", from);
    found.push([from, end < 0 ? text.length : end]);
  }
  return found;
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

/** Whether a value of that key is taken for a secret; a threshold on ws_sessions is none. */
function isSecretKey(key: string): boolean {
  return key === "cookies" || (!/^ws(?:ctl)?_/.test(key) && isSecretName(key));
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

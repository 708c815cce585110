/**
 * Owns the secrets that are known, because the user gave them: wherever a server says them back, they
 * are taken out again.
 */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import { type Header, headerValues } from "../frame/upgrade.js";
import { isSecretParameter, redactSubprotocol } from "../scenario/redact.js";
import { isCredential } from "./credentials.js";
import type { Given } from "./subject.js";

/** What stands in a secret's place. */
const mark = "SECRET";
/** What is shorter is found everywhere by chance. */
const shortest = 4;
/** What is shorter is only taken for the secret where it stands alone. */
const shortestWithin = 8;
/** So much of a secret is left of it where a text was cut off within it. */
const shortestStart = 6;
const longestStart = 600;
const mostCuts = 50;
/** Of one answer; a server that sets more of them means no good. */
const mostCookies = 20;
const longestCookie = 4096;
/** Words that cookies hold, and texts as well. */
const words: ReadonlySet<string> = new Set(["true", "false", "null", "none", "dark", "light"]);

/** Takes known secrets out of texts. */
export class Secrets {
  readonly #given: readonly string[];
  /** The longest first, so that none is left in part. */
  readonly #values: readonly string[];

  constructor(values: Iterable<string>) {
    this.#given = [...values];
    const all = new Set(this.#given.flatMap(spellings));
    this.#values = [...all]
      .filter((value) => value.length >= shortest && !words.has(value.toLowerCase()))
      .toSorted((a, b) => b.length - a.length);
  }

  /** These, and cookies that a server has set. */
  withCookies(held: Iterable<string>): Secrets {
    const more = [...held].filter((value) => value.length >= shortestWithin);
    return more.length === 0 ? this : new Secrets([...this.#given, ...more]);
  }

  /** The text without them. */
  redact(text: string): string {
    if (this.#values.length === 0) return text;
    const whole = this.#values.reduce(without, text);
    return whole
      .split("…")
      .map((part, index) => (index < mostCuts ? this.#withoutStart(part) : part))
      .join("…");
  }

  /** The same of everything that is text in plain data; keys are left as they are. */
  redactAll<Data>(data: Data): Data {
    if (typeof data === "string") return this.redact(data) as Data;
    if (Array.isArray(data)) return data.map((each: unknown) => this.redactAll(each)) as Data;
    if (typeof data !== "object" || data === null) return data;
    const entries = Object.entries(data).map(([key, each]) => [
      key,
      this.redactAll(each as unknown),
    ]);
    return Object.fromEntries(entries) as Data;
  }

  /** Whoever cut a text off may have cut a secret. */
  #withoutStart(text: string): string {
    for (const value of this.#values) {
      const most = Math.min(value.length - 1, text.length, longestStart);
      for (let length = most; length >= shortestStart; length--) {
        if (text.endsWith(value.slice(0, length))) return `${text.slice(0, -length)}${mark}`;
      }
    }
    return text;
  }
}

function without(text: string, value: string): string {
  if (!text.includes(value)) return text;
  if (value.length >= shortestWithin) return text.replaceAll(value, mark);
  const literal = value.replace(/[^A-Za-z0-9]/g, String.raw`\$&`);
  return text.replace(new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, "g"), mark);
}

/** A secret as it is found when it was passed on. */
function spellings(value: string): string[] {
  const bytes = Buffer.from(value, "latin1");
  return [
    value,
    percentDecoded(value),
    encodeURIComponent(Buffer.from(value).toString()),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    // Headers are bytes, bodies are UTF-8.
    bytes.toString(),
    Buffer.from(value).toString("latin1"),
    ...(value.length < shortestWithin ? [] : [Buffer.from(value).toString("base64")]),
  ];
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}

/** All of it, and what follows the scheme; of Basic the password too (RFC 7617). */
function* fromAuthorization(value: string): Generator<string> {
  yield value;
  const [, scheme = "", rest = ""] = /^(\S+) +(.*)$/.exec(value) ?? [];
  yield rest;
  if (scheme.toLowerCase() !== "basic") return;
  const pair = Buffer.from(rest, "base64").toString();
  yield pair;
  const colon = pair.indexOf(":");
  const password = colon < 0 ? "" : pair.slice(colon + 1);
  // A name that stands alone is as likely a token.
  yield password === "" ? pair.slice(0, colon < 0 ? undefined : colon) : password;
}

function* fromCookie(value: string): Generator<string> {
  yield value;
  for (const pair of value.split(";")) {
    const held = pair.slice(pair.indexOf("=") + 1).trim();
    yield held;
    yield held.replace(/^"(.*)"$/, "$1");
  }
}

function* fromSubprotocols(names: readonly string[]): Generator<string> {
  for (const name of names) {
    if (redactSubprotocol(name) !== name) yield name;
  }
}

function* fromHeader([name, value]: Header): Generator<string> {
  if (/^sec-websocket-protocol$/i.test(name)) {
    yield* fromSubprotocols(value.split(",").map((part) => part.trim()));
  } else if (/^cookie$/i.test(name)) yield* fromCookie(value);
  else if (isCredential([name, value])) yield* fromAuthorization(value);
}

/** Of the parameters, as they were written and decoded. */
function* fromQuery(path: string): Generator<string> {
  const at = path.indexOf("?");
  if (at < 0) return;
  for (const pair of path.slice(at + 1).split(/[&;]/)) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    if (isSecretParameter(percentDecoded(pair.slice(0, equals)))) yield pair.slice(equals + 1);
  }
}

function* fromUrl(url: string): Generator<string> {
  if (!URL.canParse(url)) return;
  const { username, password, search } = new URL(url);
  yield password === "" ? username : password;
  if (password !== "") yield `${username}:${password}`;
  yield* fromQuery(search);
}

function* allOf(target: Target, { request = {} }: DialOptions, given: Given): Generator<string> {
  yield* fromUrl(target.href);
  yield* fromQuery(target.path);
  if (target.authorization !== undefined) yield* fromAuthorization(target.authorization);
  if (request.authorization !== undefined) yield* fromAuthorization(request.authorization);
  if (request.cookie !== undefined) yield* fromCookie(request.cookie);
  yield* fromSubprotocols(request.subprotocols ?? []);
  for (const header of request.headers ?? []) yield* fromHeader(header);
  if (given.expiredToken !== undefined) yield given.expiredToken;
  if (given.logoutUrl !== undefined) yield* fromUrl(given.logoutUrl.replace(/^[A-Z]+\s+/, ""));
}

/** The values of the cookies that these response headers set: who knows one is in the session. */
export function heldCookies(headers: readonly Header[]): string[] {
  return headerValues(headers, "Set-Cookie")
    .slice(0, mostCookies)
    .map((value) =>
      value
        .slice(value.indexOf("=") + 1)
        .split(";", 1)[0]!
        .trim(),
    )
    .map((value) => value.replace(/^"(.*)"$/, "$1").slice(0, longestCookie));
}

/** The secrets in what the user gave. */
export function secretsOf(target: Target, options: DialOptions, given: Given): Secrets {
  return new Secrets(allOf(target, options, given));
}

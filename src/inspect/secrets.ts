/**
 * Owns the secrets that are known, because the user gave them: wherever a server says them back, they
 * are taken out again.
 */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import { type Header, headerValues } from "../frame/upgrade.js";
import { queryParts } from "../base/query-parts.js";
import { isRandomLooking } from "../base/token-like.js";
import { isCredential, type SecretHeaders } from "./credentials.js";
import { startAtEnd } from "./cut-off.js";
import { mark } from "./secret-mark.js";
import { subprotocolsIn, tokensAmong } from "./subprotocols.js";
import type { Given } from "./subject.js";
import { eachApart, unmarked } from "./their-words.js";

/** What is shorter is found everywhere by chance. */
const shortest = 4;
/** What is shorter is only taken for the secret where it stands alone. */
const shortestWithin = 8;
const mostCuts = 50;
/** Of one answer; a server that sets more of them means no good. */
const mostCookies = 20;
const longestCookie = 4096;
/** Words that cookies hold, and texts as well. */
const words: ReadonlySet<string> = new Set(["true", "false", "null", "none", "dark", "light"]);

/**
 * Words as people and we write them, and small numbers: a text of ours may hold them, whether or not
 * they are a secret somewhere.
 */
const plain = /^(?:[A-Za-z]{1,14}(?:[-. ]+[A-Za-z]{1,14}){0,9}|\d{1,5})$/;

/** Takes known secrets out of texts. */
export class Secrets {
  readonly #given: readonly string[];
  readonly #headers: SecretHeaders;
  /** Of the user, in all spellings, the longest first, so that none is left in part. */
  readonly #own: readonly string[];
  /** Those, and what the server has set that nobody would write: it chooses its cookies freely. */
  readonly #certain: readonly string[];
  /** Those, and all that the server has set. */
  readonly #all: readonly string[];

  /** @param headers names of headers that carry secrets though they are not called so */
  constructor(
    given: Iterable<string>,
    { held = [], headers = new Set() }: { held?: Iterable<string>; headers?: SecretHeaders } = {},
  ) {
    this.#given = [...given];
    this.#headers = headers;
    this.#own = longestFirst(this.#given);
    // What a server sets may be any word; a secret of its own making is none.
    const more = [...held].filter((value) => value.length >= shortestWithin && !plain.test(value));
    const random = more.filter((value) => isRandomLooking(value) && !/\s/.test(value));
    this.#certain = random.length === 0 ? this.#own : longestFirst([...this.#given, ...random]);
    this.#all = more.length === 0 ? this.#own : longestFirst([...this.#given, ...more]);
  }

  /** These, and cookies that a server has set, which are taken out of what quotes it. */
  withCookies(held: Iterable<string>): Secrets {
    return new Secrets(this.#given, { held, headers: this.#headers });
  }

  /** Names of headers that carry secrets, as the user has said. */
  get headers(): SecretHeaders {
    return this.#headers;
  }

  /**
   * The name of a cookie. Names are no secrets, though one may be the word that is a secret elsewhere;
   * only what nobody would call a cookie has been said back there.
   */
  redactName(name: string): string {
    return cleaned(name, this.#all.filter(isRandomLooking));
  }

  /** Whether a text says what the user gave; what is short, or plain words, stands there by chance. */
  isIn(text: string): boolean {
    return this.#own.some(
      (value) => value.length >= shortestWithin && !plain.test(value) && text.includes(value),
    );
  }

  /** What came from the server or from the user, without them. */
  redact(text: string): string {
    return cleaned(unmarked(text), this.#all);
  }

  /**
   * A sentence of ours without the secrets that the user gave. Where they are plain words, only what
   * has the bounds of {@link theirs} or stands in double quotes is said by others; all else says what
   * we mean.
   * @param names of cookies that it speaks of, which stay
   */
  redactSentence(text: string, names: readonly string[] = []): string {
    const isName = (value: string): boolean => names.includes(value) && !isRandomLooking(value);
    const isPlain = (value: string): boolean => plain.test(value) || isName(value);
    const common = this.#own.filter(isPlain);
    const rest = this.#certain.filter((value) => !isPlain(value));
    const ours = (said: string): string => {
      const quoted =
        common.length === 0
          ? said
          : said.replace(/"[^"]*"/g, (part) => common.reduce(without, part));
      return cleaned(quoted, rest);
    };
    return eachApart(text, ours, (said) => this.redact(said));
  }
}

function longestFirst(values: readonly string[]): string[] {
  return [...new Set(values.flatMap(spellings))]
    .filter((value) => value.length >= shortest && !words.has(value.toLowerCase()))
    .toSorted((a, b) => b.length - a.length);
}

function cleaned(text: string, values: readonly string[]): string {
  if (values.length === 0) return text;
  return values
    .reduce(without, text)
    .split("…")
    .map((part, index) => (index < mostCuts ? withoutStart(part, values) : part))
    .join("…");
}

/** Whoever cut a text off may have cut a secret. */
function withoutStart(text: string, values: readonly string[]): string {
  let longest = 0;
  for (const value of values) longest = Math.max(longest, startAtEnd(text, value));
  return longest === 0 ? text : `${text.slice(0, -longest)}${mark}`;
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
  yield* tokensAmong(names);
}

function* fromHeader([name, value]: Header, headers?: SecretHeaders): Generator<string> {
  if (/^sec-websocket-protocol$/i.test(name)) {
    yield* fromSubprotocols(subprotocolsIn(value));
  } else if (/^cookie$/i.test(name)) yield* fromCookie(value);
  else if (isCredential([name, value], headers)) yield* fromAuthorization(value);
}

/** Of the parameters, as they were written and decoded. */
function* fromQuery(path: string): Generator<string> {
  const at = path.indexOf("?");
  if (at < 0) return;
  for (const { secret } of queryParts(path.slice(at + 1))) {
    if (!secret) continue;
    yield secret.value;
    const [first = "", ...rest] = secret.value.split(";");
    if (rest.length === 0) continue;
    // Where `;` parts parameters, it ends there, and others may follow that are none.
    yield first;
    for (const { secret: next } of rest.flatMap(queryParts)) if (next) yield next.value;
  }
}

function* fromUrl(url: string): Generator<string> {
  if (!URL.canParse(url)) return;
  const { username, password, search } = new URL(url);
  yield password === "" ? username : password;
  if (password !== "") yield `${username}:${password}`;
  yield* fromQuery(search);
}

function* allOf(target: Target, dial: DialOptions, given: Given): Generator<string> {
  const { request = {}, proxy } = dial;
  yield* fromUrl(target.href);
  yield* fromQuery(target.path);
  if (target.authorization !== undefined) yield* fromAuthorization(target.authorization);
  if (request.authorization !== undefined) yield* fromAuthorization(request.authorization);
  if (request.cookie !== undefined) yield* fromCookie(request.cookie);
  yield* fromSubprotocols(request.subprotocols ?? []);
  for (const header of request.headers ?? []) yield* fromHeader(header, given.secretHeaders);
  if (proxy?.password !== undefined) yield proxy.password;
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
  return new Secrets(allOf(target, options, given), { headers: given.secretHeaders ?? new Set() });
}

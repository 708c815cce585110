/**
 * Owns what of a connection is hidden before it is written down: secrets of headers and URLs, declared
 * patterns of payloads, and each of those secrets wherever it is said again.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { redacted } from "../base/secret-name.js";
import { isControl, Opcode } from "../frame/opcode.js";
import type { Header } from "../frame/upgrade.js";
import { isValidUtf8 } from "../frame/utf8.js";
import { compileRegex } from "../message/regex.js";
import { placesOf, type Span, stepsOf, type Steps } from "./json-places.js";
import { KnownSecrets } from "./known-secrets.js";
import { marked } from "./marking.js";
import type { Findings } from "./secret-findings.js";
import { hideHeaders } from "./secret-headers.js";
import type { Parts } from "./secret-search.js";
import { hideTarget, hideUrl } from "./secret-urls.js";

/** What to hide besides what always is. */
export interface RedactorOptions {
  /** JSONPaths (`$.password`, `$..token`), or regular expressions between slashes (RE2), of which the
   * groups are hidden, or all where there is none. */
  readonly patterns: readonly string[];
}

/** An opening of a connection; see `UpgradeLine`. */
export interface Opening {
  readonly target?: string | undefined;
  readonly request: readonly Header[];
  readonly response: readonly Header[];
}

/** So many names are told, each of so many characters: parameters are called as others like. */
const [mostNames, longestName] = [200, 100];

/** Texts that are as long may have been cut off: reasons have 123 bytes at most (RFC 6455 §5.5). */
const mayBeCut = 120;

/** Bytes of the code in a close frame. */
const closeCode = 2;

/** Hides secrets; one for each recording, since it learns. */
export class Redactor {
  readonly #paths: Steps[] = [];
  readonly #regexes: ReturnType<typeof compileRegex>[] = [];
  readonly #names = new Set<string>();
  readonly #known = new KnownSecrets();

  /** @throws WsctlError WSCTL_EUSAGE for a pattern that cannot be read */
  constructor({ patterns }: RedactorOptions = { patterns: [] }) {
    for (const pattern of patterns) this.#add(pattern);
  }

  /** What was hidden so far, by name: headers, parameters, patterns. */
  get names(): readonly string[] {
    return [...this.#names].map((name) => this.text(name));
  }

  /** Hides this value wherever it appears from now on. */
  learn(secret: string): void {
    this.#known.learn(secret);
  }

  /** A URL without its secrets, which are learned. */
  url(url: string): string {
    return this.text(hideUrl(url, this.#findings()));
  }

  /** The opening of a connection without its secrets, which are learned before anything is shown. */
  upgrade({ target, request, response }: Opening): Opening {
    const [ours, theirs] = [this.#findings(), this.#findings(true)];
    const shownTarget = target === undefined ? undefined : hideTarget(target, ours);
    const asked = hideHeaders(request, ours);
    const answered = hideHeaders(response, theirs);
    const shown = ([name, value]: Header): Header => [this.text(name), this.text(value)];
    return {
      target: shownTarget === undefined ? undefined : this.text(shownTarget),
      request: asked.map(shown),
      response: answered.map(shown),
    };
  }

  /** A text without the secrets that are known. */
  text(text: string): string {
    return this.#text(text, false);
  }

  /** The reason of a close, which ends where there is no more room, though it be within a secret. */
  reason(text: string): string {
    const isCut = Buffer.byteLength(text) >= mayBeCut;
    return this.#text(this.#withoutDeclared(text), isCut);
  }

  /**
   * The payload of a message or a control frame without its secrets; undefined when it has none. That
   * of a close may become longer than one may be.
   */
  payload(op: number, payload: Buffer): Buffer | undefined {
    if (op === Opcode.close) return this.#closing(payload);
    const shown = this.#hideKnown(op, this.#hideDeclared(op, payload));
    return shown === payload ? undefined : shown;
  }

  /** A text that may quote a payload, without what would be hidden there. */
  quotation(text: string): string {
    return this.text(this.#withoutDeclared(text));
  }

  /** Behind the code of a close stands its reason, which is text (RFC 6455 §5.5.1). */
  #closing(payload: Buffer): Buffer | undefined {
    const said = payload.subarray(closeCode);
    if (said.length === 0) return undefined;
    const isText = isValidUtf8(said, 0, said.length);
    // What is no text is hidden as bytes are.
    if (!isText) return joined(payload, this.payload(Opcode.binary, said));
    const reason = said.toString("utf8");
    const shown = this.reason(reason);
    return joined(payload, shown === reason ? undefined : Buffer.from(shown));
  }

  #withoutDeclared(text: string): string {
    const bytes = Buffer.from(text);
    const shown = this.#hideDeclared(Opcode.text, bytes);
    return shown === bytes ? text : shown.toString("utf8");
  }

  #hideDeclared(op: number, payload: Buffer): Buffer {
    let shown = payload;
    if (this.#paths.length > 0) shown = this.#hidePlaces(op, shown);
    for (const regex of this.#regexes) shown = hideMatches(op, shown, regex);
    return shown;
  }

  #text(text: string, isCut: boolean): string {
    if (this.#known.isEmpty || text === "") return text;
    const bytes = Buffer.from(text);
    const parts = this.#known.find(bytes, isCut);
    if (parts.length === 0) return text;
    let shown = "";
    let done = 0;
    for (let at = 0; at < parts.length; at += 2) {
      shown += bytes.toString("utf8", done, parts[at]) + redacted;
      done = parts[at + 1]!;
    }
    return shown + bytes.toString("utf8", done);
  }

  #hideKnown(op: number, payload: Buffer): Buffer {
    const isCut = isControl(op) && payload.length >= mayBeCut;
    const parts = this.#known.find(payload, isCut);
    if (parts.length === 0) return payload;
    return marked(payload, parts, { ...markingOf(op, payload), sparesNames: true });
  }

  #hidePlaces(op: number, payload: Buffer): Buffer {
    const { isBinary, isUtf8 } = markingOf(op, payload);
    const encoding = isUtf8 ? "utf8" : "latin1";
    const said = payload.toString(encoding);
    const places = placesOf(said, this.#paths);
    if (places.length === 0) return payload;
    let shown = "";
    let at = 0;
    for (const [from, to] of places) {
      const value = said.slice(from, to);
      const mark = isBinary ? sameLength(Buffer.byteLength(value, encoding)) : `"${redacted}"`;
      shown += said.slice(at, from) + mark;
      at = to;
    }
    return Buffer.from(shown + said.slice(at), encoding);
  }

  #findings(isTheirs = false): Findings {
    return {
      name: (name) => this.#name(name),
      secret: (value) => this.#known.learn(value, isTheirs),
    };
  }

  #name(name: string): void {
    if (this.#names.size < mostNames) this.#names.add(name.slice(0, longestName));
  }

  #add(pattern: string): void {
    if (pattern.startsWith("$")) {
      this.#paths.push(stepsOf(pattern));
      this.#name(pattern);
      return;
    }
    const [, source, flags = ""] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
    if (source === undefined) {
      throw new WsctlError("WSCTL_EUSAGE", `not a pattern to redact: ${safeLine(pattern, 40)}`, {
        hint: "a JSONPath such as $.password or $..token, or a regular expression such as /pin=(\\d+)/",
      });
    }
    this.#regexes.push(compileRegex(source, flags));
    // Who has a secret hidden by spelling it out does not want to read it here.
    this.#name(this.#regexes.length === 1 ? "/…/" : `/…/ ${this.#regexes.length}`);
  }
}

/** The payload of a close with that as its reason; undefined without. */
function joined(payload: Buffer, reason: Buffer | undefined): Buffer | undefined {
  return reason && Buffer.concat([payload.subarray(0, closeCode), reason]);
}

/** How what is found in it is marked. */
function markingOf(op: number, payload: Buffer): { isBinary: boolean; isUtf8: boolean } {
  return { isBinary: op !== Opcode.text, isUtf8: isValidUtf8(payload, 0, payload.length) };
}

/** A value of JSON in so many bytes. */
function sameLength(bytes: number): string {
  return bytes < 2 ? "0" : `"${"*".repeat(bytes - 2)}"`;
}

/** The payload with each match hidden, or the groups of it; what is empty stays. */
function hideMatches(op: number, payload: Buffer, regex: ReturnType<typeof compileRegex>): Buffer {
  const marking = markingOf(op, payload);
  const encoding = marking.isUtf8 ? "utf8" : "latin1";
  const said = payload.toString(encoding);
  const found = regex.matcher(said);
  const parts: Parts = [];
  let [at, bytes] = [0, 0];
  while (found.find()) {
    for (const [from, to] of groupsOf(found, regex.groupCount())) {
      if (from < at || to <= from) continue;
      const begin = bytes + Buffer.byteLength(said.slice(at, from), encoding);
      bytes = begin + Buffer.byteLength(said.slice(from, to), encoding);
      parts.push(begin, bytes);
      at = to;
    }
  }
  return marked(payload, parts, { ...marking, sparesNames: false });
}

/** What of a match is to be hidden: the groups that are a part of it, or all of it. */
function groupsOf(
  found: ReturnType<ReturnType<typeof compileRegex>["matcher"]>,
  count: number,
): Span[] {
  const groups: Span[] = [];
  for (let group = 1; group <= count; group++) {
    const from = found.start(group);
    if (from >= 0) groups.push([from, found.end(group)]);
  }
  if (groups.length === 0) return [[found.start(), found.end()]];
  return groups.toSorted(([a], [b]) => a - b);
}

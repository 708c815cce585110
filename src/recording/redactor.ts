/**
 * Owns what of a connection is hidden before it is written down: secrets of headers and URLs, declared
 * patterns of payloads, and each of those secrets wherever it is said again.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { redacted } from "../base/secret-name.js";
import { Opcode } from "../frame/opcode.js";
import type { Header } from "../frame/upgrade.js";
import { isValidUtf8 } from "../frame/utf8.js";
import { compileRegex } from "../message/regex.js";
import { placesOf, stepsOf, type Steps } from "./json-places.js";
import { KnownSecrets } from "./known-secrets.js";
import type { Findings } from "./secret-findings.js";
import { hideHeader } from "./secret-headers.js";
import { hideTarget, hideUrl } from "./secret-urls.js";

/** What to hide besides what always is. */
export interface RedactorOptions {
  /** JSONPaths (`$.password`, `$..token`), or regular expressions between slashes (RE2), of which the
   * first group is hidden, or all where there is none. */
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

function always(): string {
  return redacted;
}

/** What has a length of its own, as in MessagePack, stays readable. */
function sameLength(found: string): string {
  return "*".repeat(Buffer.byteLength(found));
}

/** The same of bytes that are taken for a character each. */
function sameBytes(found: string): string {
  return "*".repeat(found.length);
}

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
    const asked = request.map((header) => hideHeader(header, ours));
    const answered = response.map((header) => hideHeader(header, theirs));
    const shown = ([name, value]: Header): Header => [this.text(name), this.text(value)];
    return {
      target: shownTarget === undefined ? undefined : this.text(shownTarget),
      request: asked.map(shown),
      response: answered.map(shown),
    };
  }

  /** A text without the secrets that are known. */
  text(text: string): string {
    return this.#known.hide(text, always);
  }

  /** The payload of a message without its secrets; undefined when it has none. */
  payload(op: number, payload: Buffer): Buffer | undefined {
    if (this.#paths.length === 0 && this.#regexes.length === 0 && this.#known.isEmpty) {
      return undefined;
    }
    const isText = isValidUtf8(payload, 0, payload.length);
    const encoding = isText ? "utf8" : "latin1";
    const said = payload.toString(encoding);
    const binary = isText ? sameLength : sameBytes;
    const shown = this.#hide(said, op === Opcode.text ? always : binary);
    return shown === said ? undefined : Buffer.from(shown, encoding);
  }

  #hide(said: string, mark: (found: string) => string): string {
    let shown = said;
    if (this.#paths.length > 0) shown = this.#hidePlaces(shown);
    for (const regex of this.#regexes) shown = hideMatches(shown, regex, mark);
    return this.#known.hide(shown, mark);
  }

  #hidePlaces(said: string): string {
    let shown = "";
    let at = 0;
    for (const [from, to] of placesOf(said, this.#paths)) {
      shown += `${said.slice(at, from)}"${redacted}"`;
      at = to;
    }
    return shown + said.slice(at);
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
    const regex = compileRegex(source, flags);
    this.#regexes.push(regex);
    // Who has a secret hidden by spelling it out does not want to read it here.
    this.#name(regex.matcher(source).find() ? "/…/" : pattern);
  }
}

/** The text with each match hidden, or the first group of it; what is empty stays. */
function hideMatches(
  said: string,
  regex: ReturnType<typeof compileRegex>,
  mark: (found: string) => string,
): string {
  const group = regex.groupCount() > 0 ? 1 : 0;
  const found = regex.matcher(said);
  let shown = "";
  let at = 0;
  while (found.find()) {
    const [from, to] = [found.start(group), found.end(group)];
    if (from < at || to <= from) continue;
    shown += said.slice(at, from) + mark(said.slice(from, to));
    at = to;
  }
  return at === 0 ? said : shown + said.slice(at);
}

/** Owns the names of the environment that stand in for the secrets of a scenario that is written down. */
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import { redacted } from "../base/secret-name.js";
import { isSecretKey } from "./redact.js";
import type { Range } from "./secret-lines.js";
import { secretsIn } from "./secrets.js";

/** A hole of a template, unless a text stands in it. */
const hole = /(?<!\\)\{\{[^{}"']*\}\}/g;

/** `token=x`, `"password": "x y"` within a text. */
const named =
  /(?<name>[A-Za-z][\w.-]{0,99})["']?[ \t]{0,9}[:=][ \t]{0,9}(?:"(?=[^"\n]*"))?(?<value>(?<=")[^"\n]+|[^\s"',;&}\]]+)/g;

/** `AUTH x`, and nothing else. */
const told = /^\s*([A-Za-z]\w{0,99})[ \t]+(\S+)\s*$/;

/** Tokens are told by their looks, or by the scheme before them, whatever they are called. */
const tokens = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|(?<=\b(?:bearer|basic)[ \t]{1,9})[^\s"',\]}]+/gi;

/** Alone these say what kind of secret follows, and are none (RFC 9110 §11.4). */
const scheme = /^(?:bearer|basic|token)$/i;

/** Keys of steps below which every text is a template. */
const templated: ReadonlySet<string> = new Set(["send", "set", "log"]);

/** Takes secrets out of a scenario, and remembers what is to be put in their place. */
export class SecretsAsEnv {
  /** Secrets by the name of the environment that is to hold them. */
  readonly #byName = new Map<string, string>();
  /** What no environment can hold: where it stands. */
  readonly #byHand = new Set<string>();

  /** Names to be set, in the order in which they were met. */
  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** Places that a person has to fill in, such as `config.variables.tokens`. */
  get byHand(): string[] {
    return [...this.#byHand];
  }

  /** The name for a secret that goes by another name elsewhere: `apiKey` is API_KEY. */
  nameFor(called: string, secret: string): string {
    const name = variableOf(called);
    for (let count = 1; ; count++) {
      const free = count === 1 ? name : `${name}_${count}`;
      const held = this.#byName.get(free);
      if (held !== undefined && held !== secret) continue;
      this.#byName.set(free, secret);
      return free;
    }
  }

  /** A name as it is: that of a variable of the scenario. */
  require(name: string, secret: string): void {
    this.#byName.set(name, secret);
  }

  /** Says that what stands there is left out, and to be put in by hand. */
  leaveToHand(place: string): string {
    this.#byHand.add(place);
    return redacted;
  }

  /** A template whose text is secret as a whole, but for its holes. */
  whole(called: string, text: string): string {
    return this.#replaced(text, secretsIn([called], text), () => called);
  }

  /** A template of the scenario: a message, or a part of one. */
  text(keys: readonly string[], text: string): string {
    const own = keys.findLast((key) => isSecretKey(key));
    if (own !== undefined) return this.whole(own, text);
    const inner = jsonOf(text);
    if (inner !== undefined) {
      const without = this.json(keys, inner);
      const again = JSON.stringify(without);
      // As it was written, unless there is reason to write it anew.
      return again === JSON.stringify(inner) ? text : again;
    }
    // What stands in a hole is no secret, and says nothing of what is behind it.
    const bare = text.replace(hole, (whole) => "\0".repeat(whole.length));
    const found = [...secretsIn(keys, text)];
    for (const { index, 0: whole, groups } of bare.matchAll(named)) {
      const { name = "", value = "" } = groups ?? {};
      if (isSecretKey(name))
        found.push([index + whole.length - value.length, index + whole.length]);
    }
    const [, word = "", value = ""] = told.exec(bare) ?? [];
    if (isSecretKey(word)) found.push([bare.lastIndexOf(value), text.length]);
    for (const { index, 0: whole } of bare.matchAll(tokens)) {
      found.push([index, index + whole.length]);
    }
    return this.#replaced(text, found, (from) => calledBefore(text, from));
  }

  /** Each text within the value is a template; a number that is secret becomes one. */
  json(keys: readonly string[], value: JsonValue): JsonValue {
    if (typeof value === "string") return this.text(keys, value);
    if (isJsonArray(value)) return value.map((item) => this.json(keys, item));
    if (isJsonObject(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, this.json([...keys, key], item)]),
      );
    }
    const own = keys.findLast((key) => isSecretKey(key));
    if (typeof value !== "number" || own === undefined) return value;
    return `{{ $env.${this.nameFor(own, String(value))} }}`;
  }

  /**
   * Steps, or what holds steps: what they send is a template, what they hold replies against is none.
   * @param place where it stands, for people
   */
  steps(value: unknown, place: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.steps(item, `${place}[${index}]`));
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => {
        const below = `${place}.${key}`;
        if (templated.has(key)) return [key, this.json([], item as JsonValue)];
        const isHeld = key === "equals" || key === "notEquals" || key === "contains";
        if (isHeld) return [key, this.#held(item as JsonValue, [], below)];
        return [key, this.steps(item, below)];
      }),
    );
  }

  /** What a reply is held against. */
  #held(value: JsonValue, keys: readonly string[], place: string): JsonValue {
    if (isJsonArray(value)) return value.map((item) => this.#held(item, keys, place));
    if (isJsonObject(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          this.#held(item, [...keys, key], `${place}.${key}`),
        ]),
      );
    }
    const isSecret =
      (typeof value === "string" && secretsIn(keys, value).length > 0) ||
      (typeof value === "number" && keys.some((key) => isSecretKey(key)));
    return isSecret ? this.leaveToHand(place) : value;
  }

  #replaced(text: string, found: readonly Range[], calledAt: (from: number) => string): string {
    let shown = "";
    let at = 0;
    for (const [from, to] of found.toSorted((a, b) => a[0] - b[0])) {
      if (to <= at) continue;
      const start = Math.max(from, at);
      shown += text.slice(at, start) + this.#run(text.slice(start, to), calledAt(start));
      at = to;
    }
    return shown + text.slice(at);
  }

  /** A run of text that is secret, but for its holes and the white space around it. */
  #run(run: string, called: string): string {
    return run
      .split(/((?<!\\)\{\{[^{}"']*\}\})/)
      .map((part, index) => {
        const bare = part.trim();
        if (index % 2 === 1 || !/[\p{L}\p{N}]/u.test(bare) || scheme.test(bare)) return part;
        const filled = `{{ $env.${this.nameFor(called, bare)} }}`;
        const begins = part.indexOf(bare);
        return part.slice(0, begins) + filled + part.slice(begins + bare.length);
      })
      .join("");
  }
}

/** What the secret at that offset of a text is called there. */
function calledBefore(text: string, from: number): string {
  const before = text.slice(Math.max(0, from - 64), from);
  return /([A-Za-z][\w.-]*)["']?[ \t]*[:=]?[ \t]*["']?$/.exec(before)?.[1] ?? "secret";
}

function jsonOf(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The name of an environment's variable for what goes by that name elsewhere. */
function variableOf(called: string): string {
  const name = called
    .replace(/([a-z0-9])(?=[A-Z])/g, "$1_")
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
  return /^[A-Z]/.test(name) ? name : `SECRET${name === "" ? "" : `_${name}`}`;
}

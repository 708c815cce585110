/**
 * Owns what becomes of the values that a client sent: one that it had received before is captured where
 * it was received; one that is another for each user, or for each message, is made by a template; all
 * others stay as they were recorded.
 */
import type { CaptureSpec } from "../../message/capture.js";
import { isSecretName, redacted } from "../../base/secret-name.js";
import type { Names } from "./names.js";
import {
  nameOf,
  pathOf,
  placeKey,
  type PlacedValue,
  type Steps,
  valueAt,
  valuesIn,
} from "./places.js";
import { countOf, isMadeUp, isMillis, isOtherTime, isTellingValue, isUuid } from "./recognised.js";
import { countersIn, firstSeen, keyOf, mostValues, type Seen } from "./seen.js";
import { isTelling } from "./shape.js";
import type { Talk, TalkMessage } from "./talk.js";
import { emptyHole, holesFor, type Piece } from "./written.js";

/** So many values of a variable are kept. */
const mostPicked = 50;
/** Within a longer text nothing is looked for, nor anything that is shorter. */
const longestSearched = 2000;
const shortestWithin = 8;
const mostWithin = 300;

/** What a value becomes, and a word about it. */
export interface Decision {
  readonly pieces: readonly Piece[];
  /** Whether it is another for each message. */
  readonly isUnique: boolean;
  readonly note: string;
}

/** The values of talks that are alike: the same is sent in each of them, in the same order. */
export class Values {
  /** What is taken out of received messages of the first talk, by their index. */
  readonly captures = new Map<number, CaptureSpec[]>();
  /** What is given a value at the beginning of the flow. */
  readonly set = new Map<string, string>();
  /** Values to draw from. */
  readonly variables = new Map<string, (string | number)[]>();
  /** Names of the environment that hold what was redacted. */
  readonly env = new Set<string>();
  readonly #talks: readonly Talk[];
  readonly #sent: readonly (readonly TalkMessage[])[];
  readonly #names: Names;
  readonly #seen: readonly ReadonlyMap<string, Seen>[];
  /** Names of captures by where they are taken, and of what is set by what it stands for. */
  readonly #captured = new Map<string, string>();
  readonly #made = new Map<string, string>();
  /** How often the first talk sends each value. */
  readonly #uses = new Map<string, number>();
  readonly #counters: ReadonlySet<string>;

  /** @param names those of the whole scenario file */
  constructor(talks: readonly Talk[], names: Names) {
    this.#talks = talks;
    this.#names = names;
    this.#sent = talks.map(({ messages }) => messages.filter(({ isSent }) => isSent));
    this.#seen = talks.map(firstSeen);
    for (const { json } of this.#sent[0] ?? []) {
      for (const { value } of valuesIn(json, mostValues)) {
        this.#uses.set(keyOf(value), (this.#uses.get(keyOf(value)) ?? 0) + 1);
      }
    }
    this.#counters = countersIn(this.#sent[0] ?? []);
  }

  /**
   * What a value becomes; undefined where it stays.
   * @param nth of the messages that are sent, from 0
   * @param at the message's index among all of the first talk
   */
  decide(nth: number, at: number, { steps, value }: PlacedValue): Decision | undefined {
    const others = this.#sent.slice(1).map((sent) => valueAt(sent[nth]?.json, steps));
    const isSame = others.every((other) => other === value);
    return (
      this.#redacted(steps, value) ??
      // Before what was received: small numbers are met everywhere.
      this.#counted(steps, value) ??
      this.#received(nth, at, steps, value) ??
      this.#known(steps, value) ??
      (isSame ? undefined : this.#drawn(steps, [value, ...others])) ??
      this.#within(at, steps, value)
    );
  }

  /** A word about a value that stays though it will not be the same again; undefined of others. */
  remark(steps: Steps, value: string | number): string | undefined {
    if (!isOtherTime(value, this.#talks[0]?.startedAt ?? 0)) return undefined;
    return `${pathOf(steps)} is a time, as recorded: no template makes one of its kind`;
  }

  #redacted(steps: Steps, value: string | number): Decision | undefined {
    // By that name it is taken for a secret anyway, when the file is written.
    if (typeof value !== "string" || !value.includes(redacted) || isSecretName(nameOf(steps))) {
      return undefined;
    }
    const name = `REDACTED_${nameOf(steps).replace(/\W+/g, "_").toUpperCase() || "TEXT"}`;
    this.env.add(name);
    const pieces = holesFor(redacted, `{{ $env.${name} }}`, value);
    return decision(pieces, `${pathOf(steps)} was redacted in the recording: set ${name}`);
  }

  #received(nth: number, at: number, steps: Steps, value: string | number): Decision | undefined {
    const seen = this.#seenBefore(at, value);
    const name = nameOf(steps);
    if (!seen || isTelling(name)) return undefined;
    if (!isTellingValue(value, nameOf(seen.steps) === name)) return undefined;
    const isAlways = this.#sent.slice(1).every((sent, other) => {
      const now = valueAt(sent[nth]?.json, steps);
      if (typeof now !== "string" && typeof now !== "number") return false;
      return this.#seen[other + 1]?.get(keyOf(now))?.isSent === false;
    });
    if (!isAlways) return undefined;
    const variable = this.#captureOf(seen, name);
    if (variable === undefined) return undefined;
    return decision(
      [{ hole: `{{ ${variable} }}` }],
      `${pathOf(steps)} is what had been received before, and is captured there`,
    );
  }

  /** A received text within a longer one, as a token is within "Bearer …". */
  #within(at: number, steps: Steps, value: string | number): Decision | undefined {
    if (typeof value !== "string" || value.length > longestSearched) return undefined;
    if (value.length <= shortestWithin) return undefined;
    let looked = 0;
    for (const [key, seen] of this.#seen[0] ?? []) {
      if (seen.isSent || seen.at >= at || !key.startsWith("s")) continue;
      const text = key.slice(1);
      if (text.length < shortestWithin || !isTellingValue(text, false)) continue;
      if (++looked > mostWithin) break;
      const found = value.indexOf(text);
      if (found < 0 || value === text) continue;
      const variable = this.#captureOf(seen, nameOf(steps));
      if (variable === undefined) continue;
      const pieces = [
        value.slice(0, found),
        { hole: `{{ ${variable} }}` },
        value.slice(found + text.length),
      ].filter((piece) => piece !== "");
      return decision(pieces, `${pathOf(steps)} holds what had been received before`);
    }
    return undefined;
  }

  #counted(steps: Steps, value: string | number): Decision | undefined {
    if (!this.#counters.has(placeKey(steps))) return undefined;
    const { lead = "" } = countOf(nameOf(steps), value) ?? {};
    const pieces = [lead, { hole: "{{ $seq }}" }].filter((piece) => piece !== "");
    const isText = typeof value === "string";
    return decision(pieces, `${pathOf(steps)} counts messages`, { isUnique: true, isText });
  }

  /** What is recognised by its looks. */
  #known(steps: Steps, value: string | number): Decision | undefined {
    const [talk] = this.#talks;
    const path = pathOf(steps);
    const isUnique = true;
    if (isUuid(value)) {
      return decision(
        [this.#once(steps, value, "{{ $uuid }}")],
        `${path} is a UUID of the client's`,
        {
          isUnique,
        },
      );
    }
    if (isMillis(value, talk?.startedAt ?? 0)) {
      const isText = typeof value === "string";
      return decision([{ hole: "{{ $now }}" }], `${path} is the time in ms`, { isText });
    }
    if (isMadeUp(nameOf(steps), value)) {
      const made = this.#once(steps, value, `{{ $randomString(${value.length}) }}`);
      return decision([made], `${path} is made up by the client`, { isUnique });
    }
    return undefined;
  }

  /** What the recordings differ in. */
  #drawn(steps: Steps, values: readonly unknown[]): Decision | undefined {
    const usable = values.filter(
      (value): value is string | number =>
        (typeof value === "number" || typeof value === "string") && !isHole(value),
    );
    if (usable.length !== values.length) return undefined;
    const [first = ""] = usable;
    const key = JSON.stringify(values);
    let list = this.#made.get(key);
    if (list === undefined) {
      list = this.#names.takeOpen(`${nameOf(steps) || "value"}s`);
      this.#made.set(key, list);
      this.variables.set(list, [...new Set(usable)].slice(0, mostPicked));
    }
    const hole = this.#once(steps, first, `{{ $pick(${list}) }}`);
    return decision([hole], `${pathOf(steps)} differs between the recordings`);
  }

  /** The hole for a value, which is made once for the whole flow if it is sent several times. */
  #once(steps: Steps, value: string | number, template: string): { hole: string } {
    if ((this.#uses.get(keyOf(value)) ?? 0) < 2) return { hole: template };
    const key = `${keyOf(value)} ${template}`;
    let name = this.#made.get(key);
    if (name === undefined) {
      name = this.#names.take(`my_${nameOf(steps) || "value"}`);
      this.#made.set(key, name);
      this.set.set(name, template);
    }
    return { hole: `{{ ${name} }}` };
  }

  #seenBefore(at: number, value: string | number): Seen | undefined {
    const seen = this.#seen[0]?.get(keyOf(value));
    return seen && !seen.isSent && seen.at < at ? seen : undefined;
  }

  /** The name of the capture of what was seen there; undefined where it cannot be taken. */
  #captureOf(seen: Seen, wanted: string): string | undefined {
    const message = this.#talks[0]?.messages[seen.at];
    if (!message) return undefined;
    const key = `${seen.at} ${placeKey(seen.steps)}`;
    const known = this.#captured.get(key);
    if (known !== undefined) return known;
    const from = nameOf(seen.steps);
    const spec = message.prefix === "" ? { json: pathOf(seen.steps) } : memberOf(message, seen);
    if (!spec) return undefined;
    const name = this.#names.take(from || wanted);
    this.#captured.set(key, name);
    const captures = this.captures.get(seen.at);
    if (captures) captures.push({ ...spec, as: name });
    else this.captures.set(seen.at, [{ ...spec, as: name }]);
    return name;
  }
}

function decision(
  pieces: readonly Piece[],
  note: string,
  { isUnique = false, isText = false } = {},
): Decision {
  // What is one hole alone would keep its type in JSON, and become a number.
  const written = isText && pieces.length === 1 ? [{ hole: emptyHole }, ...pieces] : pieces;
  return { pieces: written, note, isUnique };
}

/** A text that would be taken for a template, which values of variables are not. */
function isHole(value: string | number): boolean {
  return typeof value === "string" && value.includes("{{");
}

/** How a member of JSON behind a prefix is captured: by its name, since no JSONPath sees it. */
function memberOf({ text = "" }: TalkMessage, { steps }: Seen): { matches: string } | undefined {
  const name = nameOf(steps);
  if (!/^\w{1,60}$/.test(name) || typeof steps.at(-1) !== "string") return undefined;
  // The first of that name has to be this one.
  if (text.indexOf(`"${name}"`) !== text.lastIndexOf(`"${name}"`)) return undefined;
  return { matches: `"${name}":\\s*"([^"\\\\]*)"` };
}

/**
 * Owns finding the values of a recording that the server gave first and the client sent later: they
 * are what a replay has to carry from its answers into what it sends.
 */
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { MessageView } from "../message/view.js";
import { deepest, pathOf } from "./json-diff.js";
import { isStructured } from "./learned.js";
import { Recent } from "./recent.js";
import { tokensIn } from "./tokens.js";

/** Where a value stood. */
export interface ValuePlace {
  /** Number of the message among those of its direction, from 1. */
  readonly message: number;
  /** In JSON its path, else `text`. */
  readonly path: string;
}

/** One value that was received first and sent later. */
export interface DetectedValue {
  /** The value, shortened: it may be a secret. */
  readonly value: string;
  readonly received: ValuePlace;
  readonly sent: ValuePlace;
  /** How many places of later messages it was sent in. */
  readonly times: number;
}

/** Shorter texts and numbers of fewer digits are too likely to be the same by chance. */
const shortestText = 6;
const fewestDigits = 4;
const longestText = 8192;

/** So many values are remembered, of each side; the oldest are forgotten. */
const mostKept = 25_000;
/** So many values are found. */
const mostFound = 1000;
/** So many values of one message are looked at, and so many tokens of one text. */
const mostValues = 2000;
const mostTokens = 64;

type Visit = (value: string, path: () => string) => void;

/** Goes through a recording, message by message. */
export class Detector {
  readonly #received = new Recent<ValuePlace>(mostKept);
  readonly #saidFirst = new Recent<true>(mostKept);
  readonly #found = new Map<string, DetectedValue>();

  /** A message that came. @param number from 1 */
  received(view: MessageView, number: number): void {
    eachValue(view, (value, path) => {
      if (this.#received.get(value) || this.#saidFirst.get(value)) return;
      this.#received.set(value, { message: number, path: path() });
    });
  }

  /** A message that was sent. @param number from 1 */
  sent(view: MessageView, number: number): void {
    eachValue(view, (value, path) => {
      const received = this.#received.get(value);
      if (received === undefined) {
        this.#saidFirst.set(value, true);
        return;
      }
      const before = this.#found.get(value);
      if (before === undefined && this.#found.size >= mostFound) return;
      const sent = before?.sent ?? { message: number, path: path() };
      const times = (before?.times ?? 0) + 1;
      this.#found.set(value, { value: shortened(value), received, sent, times });
    });
  }

  /** What was found so far, by the whole value as text. */
  get found(): ReadonlyMap<string, DetectedValue> {
    return this.#found;
  }
}

/** Enough of it to be known again. */
function shortened(value: string): string {
  return value.length <= 8 ? value : `${value.slice(0, 6)}…`;
}

function eachValue(view: MessageView, visit: Visit): void {
  if (isStructured(view)) {
    new Walk(visit).value(view.json!);
    return;
  }
  const { text } = view;
  if (text === undefined || text.length > longestText) return;
  for (const token of tokensIn(text, mostTokens)) if (isTelling(token)) visit(token, () => "text");
}

/** Words of a language have no digits. */
function isTelling(token: string): boolean {
  return token.length >= shortestText && /\d/.test(token);
}

/** The values of one message. */
class Walk {
  readonly #visit: Visit;
  readonly #path: (string | number)[] = [];
  #left = mostValues;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  value(value: JsonValue): void {
    if (this.#left <= 0 || this.#path.length >= deepest) return;
    if (isJsonArray(value)) this.#items(value.entries());
    else if (isJsonObject(value)) this.#items(Object.entries(value));
    else if (typeof value === "string") this.#text(value);
    else if (typeof value === "number") this.#number(value);
  }

  #items(items: Iterable<[string | number, JsonValue]>): void {
    for (const [step, item] of items) {
      if (this.#left <= 0) return;
      this.#path.push(step);
      this.value(item);
      this.#path.pop();
    }
  }

  #text(text: string): void {
    this.#left--;
    if (text.length < shortestText || text.length > longestText) return;
    const place = (): string => pathOf(this.#path);
    this.#visit(text, place);
    for (const token of tokensIn(text, mostTokens)) {
      if (token !== text && isTelling(token)) this.#visit(token, place);
    }
  }

  #number(value: number): void {
    this.#left--;
    const text = String(value);
    if (text.replace(/e.*|\D/g, "").length >= fewestDigits) {
      this.#visit(text, () => pathOf(this.#path));
    }
  }
}

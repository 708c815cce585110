/**
 * Owns finding the values of a recording that the server gave first and the client sent later: they
 * are what a replay has to carry from its answers into what it sends.
 */
import { hash } from "node:crypto";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { MessageView } from "../message/view.js";
import { exactView, numberText } from "./exact-number.js";
import { deepest, pathOf } from "./json-diff.js";
import { isStructured, textForm } from "./learned.js";
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

/** Longer values are remembered by their hashes: they may be parts of texts that are far longer. */
const longestKept = 12;
/** Names may be any: so much of a place is told. */
const longestPath = 200;

/** Words of protocols: what stands under these names is no value that is made up anew. */
const protocolNames: ReadonlySet<string> = new Set([
  "type",
  "op",
  "event",
  "status",
  "kind",
  "action",
  "method",
  "cmd",
  "command",
  "version",
  "jsonrpc",
]);

type Visit = (value: string, path: () => string) => void;

/** Goes through a recording, message by message. */
export class Detector {
  readonly #received = new Recent<ValuePlace>(mostKept);
  readonly #saidFirst = new Recent<true>(mostKept);
  readonly #found = new Map<string, DetectedValue>();

  /** A message that came. @param number from 1 */
  received(view: MessageView, number: number): void {
    eachValue(view, (value, path) => {
      const key = keyOf(value);
      if (this.#received.get(key) || this.#saidFirst.get(key)) return;
      this.#received.set(key, { message: number, path: path().slice(0, longestPath) });
    });
  }

  /** A message that was sent. @param number from 1 */
  sent(view: MessageView, number: number): void {
    eachValue(view, (value, path) => {
      const key = keyOf(value);
      const received = this.#received.get(key);
      if (received === undefined) {
        this.#saidFirst.set(key, true);
        return;
      }
      const before = this.#found.get(value);
      if (before === undefined && this.#found.size >= mostFound) return;
      const sent = before?.sent ?? { message: number, path: path().slice(0, longestPath) };
      const times = (before?.times ?? 0) + 1;
      this.#found.set(value, { value: shortened(value), received, sent, times });
    });
  }

  /** What was found so far, by the whole value as text. */
  get found(): ReadonlyMap<string, DetectedValue> {
    return this.#found;
  }
}

function keyOf(value: string): string {
  return value.length <= longestKept ? value : hash("sha1", value, "base64");
}

/** Enough of it to be known again. */
function shortened(value: string): string {
  return value.length <= 8 ? value : `${value.slice(0, 6)}…`;
}

function eachValue(view: MessageView, visit: Visit): void {
  if (isStructured(view)) {
    new Walk(visit).value(exactView(view).json!);
    return;
  }
  const { text } = view;
  if (text === undefined || text.length > longestText) return;
  for (const token of tokensIn(text, mostTokens)) if (isTelling(token)) visit(token, () => "text");
}

/** Words of a language have no digits, and are not written in small and capital letters by turns. */
function isTelling(token: string): boolean {
  if (token.length < shortestText) return false;
  return /\d/.test(token) || (token.length >= longRandom && turns(token) >= manyTurns);
}

/** Of texts without digits, so long ones, with so many turns, look random. */
const [longRandom, manyTurns] = [12, 5];

/** How often small letters follow capital ones, or the other way round. */
function turns(token: string): number {
  return (token.match(/[a-z](?=[A-Z])|[A-Z]{2}(?=[a-z])/g) ?? []).length;
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
    else if (protocolNames.has(this.#name)) this.#left--;
    else if (typeof value === "number") this.#number(textForm(value));
    else if (typeof value === "string") {
      const number = numberText(value);
      if (number === undefined) this.#text(value);
      else this.#number(number);
    }
  }

  get #name(): string {
    const name = this.#path.at(-1);
    return typeof name === "string" ? name.toLowerCase() : "";
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
    if (isTelling(text) && !/\s/.test(text)) this.#visit(text, place);
    for (const token of tokensIn(text, mostTokens)) {
      if (token !== text && isTelling(token)) this.#visit(token, place);
    }
  }

  #number(text: string): void {
    this.#left--;
    if (text.replace(/e.*|\D/g, "").length >= fewestDigits) {
      this.#visit(text, () => pathOf(this.#path));
    }
  }
}

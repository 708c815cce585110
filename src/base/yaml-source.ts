/** Owns YAML as a person wrote it: its nodes, and where in the file each of them stands. */
import { Composer, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node } from "yaml";
import { WsctlError } from "./errors.js";
import { nearest } from "./nearest.js";
import { safeLine } from "./safe-text.js";
import { indexOf, type YamlIndex } from "./yaml-index.js";
import { eachScalar, type SeeScalar } from "./yaml-scalars.js";
import type { SyntaxMistake } from "./yaml-lines.js";
import { syntaxMistake, syntaxWarning } from "./yaml-syntax.js";
import { tokensOf } from "./yaml-tokens.js";
import { plainValue } from "./yaml-value.js";

/** One key of a map with its value. */
export interface YamlEntry {
  readonly key: string;
  readonly keyNode: unknown;
  readonly value: unknown;
}

/** Told of each mistake: how many characters stand before it, and what it is. */
export type OnYamlMistake = (offset: number, message: string, hint?: string) => void;

/** The way to a value: keys of maps, and indexes of lists from 0. */
export type YamlPath = readonly (string | number)[];

/** In characters. People write these files; what is larger is data, and parsing it takes seconds. */
const largest = 1024 * 1024;

/** As much of a line as an error shows, in characters. */
const longestShown = 1000;

/** One file of YAML 1.2, of which JSON is a part. */
export class YamlSource {
  /** As it is named to people. */
  readonly name: string;
  /** What the file holds; null for nothing. */
  readonly root: Node | null;
  /** Whether its syntax is right, so that what it holds is what was meant. */
  isSound = true;
  readonly #text: string;
  readonly #lines = new LineCounter();
  #index: YamlIndex = { anchored: new Map(), pairs: new Map() };

  /**
   * @param onMistake is told of all mistakes in place of the first one being thrown
   * @throws WsctlError WSCTL_EUSAGE for what is no YAML, is too large or nested too deeply
   */
  constructor(name: string, text: string, onMistake?: OnYamlMistake) {
    this.name = name;
    this.#text = text;
    const tell: OnYamlMistake =
      onMistake ??
      ((offset, message, hint) => {
        throw this.#errorAt(offset, message, hint);
      });
    this.root = this.#parse(tell, onMistake !== undefined);
  }

  #parse(tell: OnYamlMistake, isStrict: boolean): Node | null {
    const text = this.#text;
    if (text.length > largest) {
      this.isSound = false;
      this.#lines.addNewLine(0);
      tell(0, "the file is larger than 1 MiB", "put data into files of their own");
      return null;
    }
    const tokens = tokensOf(text, this.#lines.addNewLine);
    if (!Array.isArray(tokens)) {
      this.isSound = false;
      tell(tokens.offset, tokens.message, tokens.hint);
      return null;
    }
    // Its own search for equal keys is quadratic.
    const composer = new Composer({ lineCounter: this.#lines, uniqueKeys: false });
    const [document, another] = composer.compose(tokens, true, text.length);
    if (!document) return null;
    const tellOf = ({ offset, message, hint }: SyntaxMistake): void => tell(offset, message, hint);
    this.isSound = document.errors.length === 0;
    this.#index = indexOf(
      document,
      (node, message, hint) => {
        if (this.isSound) tell(offsetOf(node), message, hint);
      },
      (node) => this.point(offsetOf(node)).line,
    );
    if (!this.isSound) {
      tellOf(syntaxMistake(text, tokens, document.errors));
      return document.contents;
    }
    if (isStrict) for (const warning of document.warnings) tellOf(syntaxWarning(warning));
    if (another) {
      tell(
        another.range[0],
        "a second document begins here; one file holds one",
        "take out the line with ---, or make it a file of its own",
      );
    }
    return document.contents;
  }

  /**
   * The whole file as values of JSON. What JSON cannot hold is told and left out.
   * @param onMistake as for the constructor
   */
  value(onMistake: OnYamlMistake): unknown {
    return plainValue(this.root, this.#index.anchored, (node, message, hint) => {
      onMistake(offsetOf(node), message, hint);
    });
  }

  /**
   * The offset of what is at the path, or of as much of the way as there is.
   * @param what the value, or the key that it has
   */
  offsetAt(path: YamlPath, what: "key" | "value"): number {
    let node: unknown = this.root;
    let key: unknown = node;
    for (const step of path) {
      const inner = this.#plain(node);
      if (isMap(inner)) {
        const pair = this.#index.pairs.get(inner)?.get(String(step));
        if (!pair) break;
        key = pair.key;
        // `key:` with nothing behind it has no place of its own.
        node = isNode(pair.value) && pair.value.range?.[0] !== undefined ? pair.value : key;
        if (isScalar(node) && node.value === null && node.source === "") node = key;
      } else if (isSeq(inner) && inner.items[Number(step)] !== undefined) {
        node = inner.items[Number(step)];
        key = node;
      } else break;
    }
    return offsetOf(what === "key" ? key : node);
  }

  /** Whether there is anything at the path. */
  has(path: YamlPath): boolean {
    let node: unknown = this.root;
    for (const step of path) {
      const inner = this.#plain(node);
      // One value in place of a list is its only item.
      if (isMap(inner)) {
        const pair = this.#index.pairs.get(inner)?.get(String(step));
        if (!pair) return false;
        node = pair.value;
      } else if (isSeq(inner)) node = inner.items[Number(step)];
      else if (step !== 0) return false;
      if (node === undefined) return false;
    }
    return true;
  }

  /** Line and column, both from 1, of an offset. */
  point(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  /**
   * A part of a line, from 1, without its end, and the offset at which that part begins.
   * @param column from 1: what is shown is around it
   * @param longest of the part, in characters
   */
  part(
    line: number,
    column: number,
    longest: number,
  ): { readonly text: string; readonly offset: number } {
    const starts = this.#lines.lineStarts;
    const start = starts[line - 1] ?? 0;
    let end = starts[line] ?? this.#text.length;
    if (this.#text[end - 1] === "\n") end--;
    if (this.#text[end - 1] === "\r") end--;
    const half = Math.floor(longest / 2);
    const from = start + Math.max(0, Math.min(column - 1 - half, end - start - longest));
    return {
      text: this.#text.slice(from, Math.min(Math.max(from, end), from + longest)),
      offset: from,
    };
  }

  /** The whole text from one offset (included) to another (excluded). */
  slice(from: number, to: number): string {
    return this.#text.slice(from, to);
  }

  /** Every scalar; what an alias stands for comes under the keys of the alias, too. */
  eachScalar(see: SeeScalar): void {
    eachScalar(this.root, this.#index.anchored, see);
  }

  /** Where a node stands: `file:line:column`. */
  place(node: unknown): string {
    return this.#place(offsetOf(node));
  }

  /** The error for a node. What stands behind the colon of its line may be a secret and is not shown. */
  error(node: unknown, message: string, hint?: string): WsctlError {
    return this.#errorAt(offsetOf(node), message, hint);
  }

  /** The error for a key that is not known, with the nearest that is. */
  unknownKey({ key, keyNode }: YamlEntry, known: readonly string[]): WsctlError {
    const guess = nearest(key, known);
    return this.error(
      keyNode,
      `"${safeLine(key, 60)}" is not a key that is known here`,
      guess ? `did you mean ${guess}?` : `there are ${known.join(", ")}`,
    );
  }

  /** The keys of a map in order. @throws WsctlError WSCTL_EUSAGE for what is no map */
  entries(node: unknown, what: string): YamlEntry[] {
    const map = this.#plain(node);
    if (map === null || (isScalar(map) && map.value === null)) return [];
    if (!isMap(map)) throw this.error(node, `${what} must be a map of keys and values`);
    return map.items.map(({ key, value }) => {
      if (!isScalar(key)) throw this.error(key, `the keys of ${what} must be names`);
      return { key: String(key.value), keyNode: key, value: this.#plain(value) ?? key };
    });
  }

  /** Whether a node is a map. */
  isMap(node: unknown): boolean {
    return isMap(this.#plain(node));
  }

  /** The members of a list, or a single value as the only one. */
  items(node: unknown): unknown[] {
    const plain = this.#plain(node);
    return isSeq(plain) ? plain.items : [plain];
  }

  /** A text; numbers count as what was written. @throws WsctlError WSCTL_EUSAGE */
  text(node: unknown, what: string): string {
    const plain = this.#plain(node);
    if (isScalar(plain)) {
      if (typeof plain.value === "string") return plain.value;
      if (typeof plain.value === "number") return plain.source ?? String(plain.value);
    }
    throw this.error(node, `${what} must be text`, "put it in quotes");
  }

  /** True or false; undefined for anything else. */
  truth(node: unknown): boolean | undefined {
    const plain = this.#plain(node);
    return isScalar(plain) && typeof plain.value === "boolean" ? plain.value : undefined;
  }

  #plain(node: unknown): unknown {
    return isAlias(node) ? this.#index.anchored.get(node) : node;
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.name}:${line}:${col}`;
  }

  #errorAt(offset: number, message: string, hint: string | undefined): WsctlError {
    const { line, col } = this.#lines.linePos(offset);
    const { text } = this.part(line, 1, longestShown);
    const colon = text.indexOf(":");
    const shown = colon < 0 ? text.slice(0, col) : text.slice(0, colon + 1);
    const caret = `${" ".repeat(Math.min(col - 1, shown.length))}^`;
    return new WsctlError("WSCTL_EUSAGE", `${this.#place(offset)}: ${message}`, {
      hint,
      where: [shown.length < text.trimEnd().length ? `${shown} …` : shown, caret],
    });
  }
}

function offsetOf(node: unknown): number {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? 0;
}

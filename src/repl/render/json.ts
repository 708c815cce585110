/**
 * Owns how JSON looks: what fits on a line stands on one, everything else is indented; bounded in
 * lines and in the length of strings.
 */
import type { ChalkInstance } from "chalk";
import { safeText } from "../../base/safe-text.js";
import { charWidth } from "../char-width.js";
import type { JsonBranch, JsonNode } from "./json-tree.js";

/** How much of it is shown, and where. */
export interface JsonStyle {
  readonly chalk: ChalkInstance;
  /** Columns. */
  readonly width: number;
  readonly mostLines: number;
  /** Whether what fits on a line is indented all the same. */
  readonly isOpen?: boolean | undefined;
  /** Characters of one string. */
  readonly longestString: number;
  /** Whether control characters are left as they are. */
  readonly raw: boolean;
}

/** Lines, without their ends. */
export interface Lines {
  readonly lines: readonly string[];
  /** Whether something was left out. */
  readonly cut: boolean;
}

/** Lines of JSON. */
interface JsonText extends Lines {
  /** Characters of the JSON that the lines hold, unless a string was cut in the midst of it. */
  readonly shown: number | undefined;
}

interface Piece {
  readonly text: string;
  readonly width: number;
}

const step = "  ";

class Printer {
  readonly lines: string[] = [];
  cut = false;
  hasCutString = false;
  /** Where in the JSON the lines have come to. */
  shown = 0;
  readonly #style: JsonStyle;

  constructor(style: JsonStyle) {
    this.#style = style;
  }

  /** On one line, coloured; undefined when it needs more than `room` columns. */
  flat(node: JsonNode, room: number): Piece | undefined {
    if (typeof node === "string") {
      const piece = this.#scalar(node);
      return piece.width <= room ? piece : undefined;
    }
    const { isObject, items } = node;
    const { chalk } = this.#style;
    const [open, close] = isObject ? ["{", "}"] : ["[", "]"];
    if (items.length === 0) return { text: chalk.dim(open + close), width: 2 };
    let text = chalk.dim(open);
    let width = 2;
    for (const [index, [key, value]] of items.entries()) {
      const name = this.#name(key);
      const comma = index === 0 ? 0 : 2;
      width += comma + name.width;
      const piece = width < room ? this.flat(value, room - width) : undefined;
      if (!piece) return undefined;
      text += (index === 0 ? "" : chalk.dim(", ")) + name.text + piece.text;
      width += piece.width;
    }
    return width <= room ? { text: text + chalk.dim(close), width } : undefined;
  }

  /** @returns false when there is no more room for lines */
  print(node: JsonNode, indent: string, name: Piece, comma: string): boolean {
    const { chalk, mostLines, width } = this.#style;
    const room = width - indent.length - name.width - comma.length;
    const isWhole =
      this.#style.isOpen === true && typeof node !== "string" && node.items.length > 0;
    const flat = isWhole ? undefined : this.flat(node, Math.max(room, 12));
    const after = comma && chalk.dim(comma);
    if (flat || typeof node === "string") {
      const { text } = flat ?? this.#scalar(node as string);
      return this.#add(indent + name.text + text + after);
    }
    const [open, close] = node.isObject ? ["{", "}"] : ["[", "]"];
    if (!this.#add(indent + name.text + chalk.dim(open))) return false;
    this.shown = node.inside;
    for (const [index, [key, value, end]] of node.items.entries()) {
      const isLast = index === node.items.length - 1;
      if (!this.print(value, indent + step, this.#name(key), isLast ? "" : ",")) return false;
      this.shown = end;
      if (this.lines.length >= mostLines && !isLast) {
        this.cut = true;
        return false;
      }
    }
    return this.#add(indent + chalk.dim(close) + after);
  }

  #add(line: string): boolean {
    if (this.lines.length >= this.#style.mostLines) {
      this.cut = true;
      return false;
    }
    this.lines.push(line);
    return true;
  }

  #name(key: string | undefined): Piece {
    if (key === undefined) return { text: "", width: 0 };
    const { chalk } = this.#style;
    const { text, width } = this.#safe(key);
    return { text: chalk.cyan(text) + chalk.dim(": "), width: width + 2 };
  }

  #scalar(token: string): Piece {
    const { chalk } = this.#style;
    const { text, width } = this.#safe(token);
    if (token.startsWith('"')) return { text: chalk.green(text), width };
    return { text: chalk.magenta(text), width };
  }

  #safe(token: string): Piece {
    const { longestString, raw } = this.#style;
    let text = token;
    if (token.length > longestString + 1) {
      this.cut = true;
      this.hasCutString = true;
      text = `${token.slice(0, longestString)}…`;
      if (token.startsWith('"')) text += '"';
    }
    if (!raw) text = safeText(text);
    let width = 0;
    for (const char of text) width += charWidth(char);
    return { text, width };
  }
}

/** On one line if it fits into those columns, coloured. */
export function jsonLine(tree: JsonBranch, style: JsonStyle): string | undefined {
  const printer = new Printer(style);
  const piece = printer.flat(tree, style.width);
  return printer.cut ? undefined : piece?.text;
}

/** On as many lines as it needs, within bounds, coloured. */
export function jsonLines(tree: JsonNode, style: JsonStyle): JsonText {
  const printer = new Printer(style);
  printer.print(tree, "", { text: "", width: 0 }, "");
  const { lines, cut, hasCutString, shown } = printer;
  return { lines, cut, shown: hasCutString ? undefined : shown };
}

/** Owns where in its file each part of a scenario stands, and how that is shown without secrets. */
import { safeLine } from "../base/safe-text.js";
import type { YamlPath, YamlSource } from "../base/yaml-source.js";
import { pathText, type Mistake, type Problem } from "./mistake.js";
import { isSecretName } from "./redact.js";

/** As much of a line is shown, around the caret. */
const longestLine = 120;

/** The places of one file. */
export class Places {
  /** The file's name, for people. */
  readonly name: string;
  readonly #source: YamlSource;
  #secrets: readonly (readonly [number, number])[] | undefined;

  constructor(source: YamlSource) {
    this.name = source.name;
    this.#source = source;
  }

  /** `file:line:column` of what is at the path. */
  placeOf(path: YamlPath, what: "key" | "value" = "value"): string {
    return this.#placeOf(this.#source.offsetAt(path, what));
  }

  /** Whether the file itself says what is at the path. */
  has(path: YamlPath): boolean {
    return this.#source.has(path);
  }

  /** The problem with its place. */
  locate({ path, at = "value", message, hint }: Problem): Mistake {
    return this.mistake(this.#source.offsetAt(path, at), message, hint);
  }

  /** A mistake at an offset of the file. */
  mistake(offset: number, message: string, hint?: string): Mistake {
    const { line, column } = this.#source.point(offset);
    const shown = this.#maskedLine(line);
    // What does not fit is left out on both sides of the column.
    const from = Math.max(0, Math.min(column - 61, shown.length - longestLine));
    const cut = shown.slice(from, from + longestLine);
    return {
      place: this.#placeOf(offset),
      line: safeLine(cut, longestLine),
      caret: `${" ".repeat(Math.max(0, column - 1 - from))}^`,
      message,
      hint,
    };
  }

  #placeOf(offset: number): string {
    const { line, column } = this.#source.point(offset);
    return `${this.name}:${line}:${column}`;
  }

  /** The line with dots for what is taken for a secret; a template is none. */
  #maskedLine(number: number): string {
    this.#secrets ??= this.#source.ranges(isSecret, (key) => key === "cookies");
    const { text, offset } = this.#source.line(number);
    let masked = text;
    for (const [from, to] of this.#secrets) {
      const [start, end] = [Math.max(0, from - offset), Math.min(text.length, to - offset)];
      if (start >= end || text.slice(start, end).includes("{{")) continue;
      masked = masked.slice(0, start) + "•".repeat(end - start) + masked.slice(end);
    }
    return masked;
  }
}

/** Whether a value of that key is taken for a secret; a threshold on ws_sessions is none. */
function isSecret(key: string): boolean {
  return !key.startsWith("ws_") && (isSecretName(key) || key === "passphrase");
}

/** The problem's place where there is no file: its path. */
export function unplaced({ path, message, hint }: Problem): Mistake {
  return { place: pathText(path) || "the scenario", line: "", caret: "", message, hint };
}

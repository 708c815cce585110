/** Owns where in its file each part of a scenario stands, and how that is shown without secrets. */
import { safeLine } from "../base/safe-text.js";
import type { YamlPath, YamlSource } from "../base/yaml-source.js";
import { bracesAt } from "./holes.js";
import { pathText, type Mistake, type Problem } from "./mistake.js";
import { Secrets } from "./secrets.js";

/** As much of a line is shown, around the caret. */
const longestLine = 120;

/** The places of one file. */
export class Places {
  /** The file's name, for people. */
  readonly name: string;
  readonly #source: YamlSource;
  #secrets: Secrets | undefined;
  /** Where each scalar ends, by where it begins. */
  #ends: ReadonlyMap<number, number> | undefined;

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
  locate(problem: Problem): Mistake {
    const { path, at = "value", hole, message, hint } = problem;
    if (problem.flag !== undefined) return unplaced(problem);
    if (isThreshold(path) && !this.has(path)) return unplaced(problem);
    const offset = this.#source.offsetAt(path, at);
    return this.mistake(hole === undefined ? offset : this.#holeAt(offset, hole), message, hint);
  }

  /** The offset of a hole in the text that begins at an offset; of the text, when it is not to be found. */
  #holeAt(offset: number, hole: number): number {
    if (!this.#ends) {
      const ends = new Map<number, number>();
      this.#source.eachScalar((_keys, from, to) => void ends.set(from, to));
      this.#ends = ends;
    }
    const text = this.#source.slice(offset, this.#ends.get(offset) ?? offset);
    return offset + (bracesAt(text, hole) ?? 0);
  }

  /** A mistake at an offset of the file. */
  mistake(offset: number, message: string, hint?: string): Mistake {
    const { line, column } = this.#source.point(offset);
    const part = this.#source.part(line, column, longestLine);
    this.#secrets ??= new Secrets(this.#source);
    return {
      place: this.#placeOf(offset),
      line: safeLine(this.#secrets.masked(part.text, part.offset), longestLine),
      caret: `${" ".repeat(Math.max(0, offset - part.offset))}^`,
      message,
      hint,
    };
  }

  #placeOf(offset: number): string {
    const { line, column } = this.#source.point(offset);
    return `${this.name}:${line}:${column}`;
  }
}

/** Whether it is one of the thresholds: those that the file does not have come from flags. */
function isThreshold([top, part, metric]: YamlPath): boolean {
  return top === "config" && part === "thresholds" && metric !== undefined;
}

/** The problem's place where there is no file: its path, or the flag that it came with. */
export function unplaced({ path, flag, message, hint }: Problem): Mistake {
  const place = flag ?? (isThreshold(path) ? "--threshold" : pathText(path) || "the scenario");
  return { place, line: "", caret: "", message, hint };
}

/** Owns mistakes in a scenario: where they stand, and the one error that tells all of them. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { YamlPath } from "../base/yaml-source.js";

/** A mistake by its path within the document: it has no place before it is looked up in the file. */
export interface Problem {
  readonly path: YamlPath;
  /** Whether the key is what is wrong, or what it says; the value unless told. */
  readonly at?: "key" | "value" | undefined;
  /** What is wrong, in one line without secrets. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** Whether it speaks of what is missing: something else's mistake may be all there is to it. */
  readonly isDerived?: boolean;
}

/** A mistake with its place. */
export interface Mistake {
  /** `file:line:column`; the path within the document, where there is no file. */
  readonly place: string;
  /** The line of the file as it stands there, secrets masked; empty where there is no file. */
  readonly line: string;
  /** A caret below the column. */
  readonly caret: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** More are not told: whoever reads them stops earlier. */
const mostTold = 50;

/** Everything that is wrong with a scenario. */
export class ScenarioMistakes extends WsctlError {
  readonly mistakes: readonly Mistake[];

  /**
   * @param name the file's, for people
   * @param mistakes one at least
   */
  constructor(name: string, mistakes: readonly Mistake[]) {
    const [first] = mistakes;
    if (first && mistakes.length === 1) {
      super("WSCTL_EUSAGE", `${first.place}: ${first.message}`, {
        hint: first.hint,
        where: first.line === "" ? [] : [first.line, first.caret],
      });
    } else {
      const where = mistakes.slice(0, mostTold).flatMap(toldOf);
      const rest = mistakes.length - mostTold;
      if (rest > 0) where.push(`… and ${rest} more`);
      super("WSCTL_EUSAGE", `${mistakes.length} mistakes in ${name}`, { where });
    }
    this.mistakes = mistakes;
  }
}

function toldOf({ place, message, hint, line, caret }: Mistake): string[] {
  const lines = [`${place}: ${message}`];
  if (line !== "") lines.push(`  ${line}`, `  ${caret}`);
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines;
}

/** The path as people write it: `scenarios[0].flow[2].send`. */
export function pathText(path: YamlPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return safeLine(text, 120);
}

/** What a path leads to, in few words: its last key, and the index within a list. */
export function labelOf(path: YamlPath): string {
  const last = path.findLastIndex((step) => typeof step === "string");
  return last < 0 ? "the document" : pathText(path.slice(last));
}

/** The problem of an error that was thrown for the value at the path. */
export function problemOf(path: YamlPath, error: unknown, prefix = ""): Problem {
  if (!(error instanceof WsctlError)) throw error;
  return { path, message: `${prefix}${error.message}`, hint: error.hint };
}

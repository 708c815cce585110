/** Owns mistakes in a scenario: where they stand, and the one error that tells all of them. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { YamlPath } from "../base/yaml-source.js";
import { secretBehindName } from "./redact.js";

/** A mistake by its path within the document: it has no place before it is looked up in the file. */
export interface Problem {
  readonly path: YamlPath;
  /** The flag, or the variable of the environment, that it came with: its place in place of one in the file. */
  readonly flag?: string | undefined;
  /** Whether the key is what is wrong, or what it says; the value unless told. */
  readonly at?: "key" | "value" | undefined;
  /** Which of the opening braces in the text at the path, from 0, when one hole of it is wrong. */
  readonly hole?: number | undefined;
  /** What is wrong, in one line without secrets. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** Whether it speaks of what is missing: something else's mistake may be all there is to it. */
  readonly isDerived?: boolean;
  /** Of a key that is not known: the path that was meant, most likely. */
  readonly meant?: YamlPath | undefined;
  /**
   * Whether it may be there only because this was cut out of the document; without it, whatever was
   * cut out beneath its path may be to blame.
   */
  readonly mayFollow?: (cut: Cut) => boolean;
}

/** What was cut out of a document, because its shape was wrong. */
export interface Cut {
  /** Where it was; for a mistyped key, where it should have been. */
  readonly path: YamlPath;
  /** What it was; undefined for what was missing. */
  readonly value: unknown;
}

/** Whether what was cut out is at the path, beneath it or around it. */
export function touches({ path: cut }: Cut, path: YamlPath): boolean {
  return path.every((step, index) => index >= cut.length || cut[index] === step);
}

/** Whether what was cut out has a key or a text that passes. */
export function mentions({ value }: Cut, passes: (text: string) => boolean): boolean {
  const look = (inner: unknown): boolean => {
    if (typeof inner === "string") return passes(inner);
    if (typeof inner !== "object" || inner === null) return false;
    return Object.entries(inner).some(
      ([key, item]) => (!Array.isArray(inner) && passes(key)) || look(item),
    );
  };
  return look(value);
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

/** More are not looked for: the file is something else altogether, or means harm. */
export const mostMistakes = 1000;

/** Everything that is wrong with a scenario. */
export class ScenarioMistakes extends WsctlError {
  readonly mistakes: readonly Mistake[];

  /**
   * @param name the file's, for people
   * @param all one at least; of more than {@link mostMistakes} the rest is left out
   */
  constructor(name: string, all: readonly Mistake[]) {
    const mistakes = all.slice(0, mostMistakes);
    const isCut = all.length > mostMistakes;
    const [first] = mistakes;
    if (first && mistakes.length === 1) {
      super("WSCTL_EUSAGE", `${first.place}: ${first.message}`, {
        hint: first.hint,
        where: first.line === "" ? [] : [first.line, first.caret],
      });
    } else {
      const where = mistakes.slice(0, mostTold).flatMap(toldOf);
      const rest = mistakes.length - mostTold;
      if (rest > 0) where.push(`… and ${isCut ? "more than " : ""}${rest} more`);
      const count = isCut ? `more than ${mostMistakes}` : mistakes.length;
      super("WSCTL_EUSAGE", `${count} mistakes in ${name}`, { where });
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
  for (const [index, step] of path.entries()) {
    if (typeof step === "number") text += `[${step}]`;
    else text += `${text === "" ? "" : "."}${keyText(step, path.slice(0, index))}`;
  }
  return safeLine(text, 120);
}

/** A key as it may be shown: without the value that it swallowed. */
export function keyText(key: string, parents: YamlPath): string {
  const length = secretBehindName(key, parents);
  return length === undefined ? key : `${key.slice(0, length)} …`;
}

/** What a path leads to, in few words: its last key, and the index within a list. */
export function labelOf(path: YamlPath): string {
  const last = path.findLastIndex((step) => typeof step === "string");
  if (last < 0) return "the document";
  const key = keyText(String(path[last]), path.slice(0, last));
  return pathText([key, ...path.slice(last + 1)]);
}

/** The problem of an error that was thrown for the value at the path. */
export function problemOf(path: YamlPath, error: unknown, prefix = ""): Problem {
  if (!(error instanceof WsctlError)) throw error;
  return { path, message: `${prefix}${error.message}`, hint: error.hint };
}

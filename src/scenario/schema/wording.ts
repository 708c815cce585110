/** Owns the words for what the schema found wrong: a person's, not the library's. */
import { z } from "zod";
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import type { YamlPath } from "../../base/yaml-source.js";
import { keyText, labelOf, mostMistakes, type Problem } from "../mistake.js";
import { isSecretKey, isSecretMap } from "../redact.js";
import { foreignKey } from "./foreign-keys.js";
import { keysOf, optionsOf, schemaAt } from "./at.js";

type Issue = z.core.$ZodIssue;

/** Finds the words for issues of one document. */
export class Wording {
  readonly #schema: z.core.$ZodType;
  readonly #document: unknown;

  constructor(schema: z.core.$ZodType, document: unknown) {
    this.#schema = schema;
    this.#document = document;
  }

  /** The problems that an issue stands for. */
  problemsOf(issue: Issue, before: YamlPath = []): Problem[] {
    const path: YamlPath = [...before, ...(issue.path as YamlPath)];
    switch (issue.code) {
      case "unrecognized_keys":
        // What is more than that is not told.
        return issue.keys
          .slice(0, mostMistakes + 1)
          .map((key) => this.#unknownKey([...path, key], path));
      case "invalid_union":
        return this.#ofUnion(issue, path);
      case "invalid_key":
        return issue.issues.map((inner) => this.#ofKey(inner, path));
      case "custom":
        return [this.#custom(issue, path)];
      case "invalid_format":
        return [{ path, message: `${labelOf(path)}: ${issue.message}` }];
      case "too_small":
      case "too_big":
        return [this.#outOfRange(issue, path)];
      case "invalid_type":
      case "invalid_value":
      case "invalid_element":
      case "not_multiple_of":
        return [this.#wrongKind(path)];
      default:
        return [issue satisfies never];
    }
  }

  #valueAt(path: YamlPath): unknown {
    return path.reduce<unknown>(
      (value, step) =>
        (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step],
      this.#document,
    );
  }

  #unknownKey(path: YamlPath, parent: YamlPath): Problem {
    const key = String(path.at(-1));
    const known = keysOf(schemaAt(this.#schema, parent, this.#document), this.#valueAt(parent));
    const where = parent.length === 0 ? "the document" : labelOf(parent);
    const message = `${where} has no key "${safeLine(keyText(key, parent), 60)}"`;
    const foreign = foreignKey(parent, key);
    if (foreign) return { path, at: "key", message, hint: foreign.hint, meant: foreign.meantAt };
    const guess = nearest(key, known);
    let hint = known.length > 0 ? `there are ${known.join(", ")}` : "leave it out";
    if (guess !== undefined) hint = `did you mean ${guess}?`;
    return {
      path,
      at: "key",
      message,
      hint,
      meant: guess === undefined ? undefined : [...parent, guess],
    };
  }

  /** Of a union's options the one that was meant is the one whose kind of value is there. */
  #ofUnion(issue: Extract<Issue, { code: "invalid_union" }>, path: YamlPath): Problem[] {
    const value = this.#valueAt(path);
    const options = optionsOf(schemaAt(this.#schema, path, this.#document) ?? z.unknown());
    for (const [index, issues] of issue.errors.entries()) {
      if (issues.length > 0 && !isOther(issues, isWordFor(options[index], value))) {
        return issues.flatMap((inner) => this.problemsOf(inner, path));
      }
    }
    return [this.#wrongKind(path)];
  }

  #ofKey(issue: Issue, path: YamlPath): Problem {
    return { path, at: "key", message: `${labelOf(path)}: ${issue.message}`, hint: hintOf(issue) };
  }

  #custom(issue: Extract<Issue, { code: "custom" }>, path: YamlPath): Problem {
    if (issue.params?.["isWhole"] !== true) {
      return { path, message: `${labelOf(path)}: ${issue.message}`, hint: hintOf(issue) };
    }
    const isDerived = issue.params["isDerived"] === true;
    return { path, at: "key", message: issue.message, hint: hintOf(issue), isDerived };
  }

  #outOfRange(issue: Extract<Issue, { code: "too_small" | "too_big" }>, path: YamlPath): Problem {
    const isSmall = issue.code === "too_small";
    const label = labelOf(path);
    const hint = this.#exampleFor(path);
    if (issue.origin === "array" || issue.origin === "string") {
      const message =
        isSmall && issue.minimum === 1
          ? `${label} is empty`
          : `${label} is too ${isSmall ? "short" : "long"}`;
      return { path, message, hint };
    }
    const limit = isSmall ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    return { path, message: `${label} must be ${limit}; it is ${this.#shown(path)}`, hint };
  }

  /** A value of the wrong kind, or one that is missing. */
  #wrongKind(path: YamlPath): Problem {
    const hint = this.#exampleFor(path);
    const title = this.#titleOf(path);
    if (this.#valueAt(path) === undefined && path.length > 0) {
      const parent = path.slice(0, -1);
      const message = `${labelOf(parent)} needs ${String(path.at(-1))}: ${title}`;
      return { path: parent, at: "key", message, hint };
    }
    const value = this.#valueAt(path);
    const words = this.#wordsAt(path);
    const guess = typeof value === "string" ? nearest(value, words) : undefined;
    return {
      path,
      message: `${labelOf(path)} must be ${title}; it is ${this.#shown(path)}`,
      hint: guess === undefined ? hint : `did you mean ${guess}?`,
    };
  }

  #titleOf(path: YamlPath): string {
    const schema = schemaAt(this.#schema, path, this.#document);
    const { title, type } = describedBy(schema);
    return title ?? type ?? "something else";
  }

  #wordsAt(path: YamlPath): readonly string[] {
    const schema = schemaAt(this.#schema, path, this.#document);
    if (!schema) return [];
    const inner = [schema, ...optionsOf(schema)].map((one) => unwrapped(one));
    return inner.flatMap(({ def }) =>
      def.type === "enum" ? Object.values(def.entries).map(String) : [],
    );
  }

  #exampleFor(path: YamlPath): string | undefined {
    const schema = schemaAt(this.#schema, path, this.#document);
    const [example] = describedBy(schema).examples ?? [];
    const key = path.findLast((step) => typeof step === "string");
    if (example === undefined || key === undefined) return undefined;
    const text = typeof example === "string" ? example : JSON.stringify(example);
    return `write it like ${key}: ${text}`;
  }

  /** What is at the path, in few words; what may be a secret is not shown. */
  #shown(path: YamlPath): string {
    const value = this.#valueAt(path);
    if (value === null) return "empty";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "object") return "a map";
    if (path.some((step) => typeof step === "string" && mayHoldSecrets(step))) {
      return `a ${typeof value}`;
    }
    return safeLine(JSON.stringify(value), 40);
  }
}

/** Whether what stands beneath that key may be a secret, whatever is wrong with it. */
function mayHoldSecrets(key: string): boolean {
  return isSecretMap(key) || isSecretKey(key);
}

function hintOf(issue: Issue): string | undefined {
  const hint: unknown = issue.code === "custom" ? issue.params?.["hint"] : undefined;
  return typeof hint === "string" ? hint : undefined;
}

/** The schema within what only says that it may be left out. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodTypes["_zod"] {
  const inner = (schema as z.core.$ZodTypes)._zod;
  if (inner.def.type === "optional") return unwrapped(inner.def.innerType);
  return inner.def.type === "lazy" ? unwrapped(inner.def.getter()) : inner;
}

function describedBy(schema: z.core.$ZodType | undefined): {
  title?: string | undefined;
  type?: string | undefined;
  examples?: readonly unknown[] | undefined;
} {
  if (!schema) return {};
  const inner = (schema as z.core.$ZodTypes)._zod.def;
  const own = z.globalRegistry.get(schema);
  if (own?.title !== undefined) return { title: own.title, examples: listOf(own.examples) };
  if (inner.type === "optional") return describedBy(inner.innerType);
  if (inner.type === "lazy") return describedBy(inner.getter());
  return { type: inner.type === "object" ? "a map" : `a ${inner.type}` };
}

/** Whether these issues say that another kind of value was expected altogether. */
function isOther(issues: readonly Issue[], isWord: boolean): boolean {
  return issues.some(
    (issue) =>
      issue.path.length === 0 &&
      (issue.code === "invalid_type" ||
        (issue.code === "invalid_value" && !isWord) ||
        (issue.code === "invalid_union" && issue.errors.every((inner) => isOther(inner, false)))),
  );
}

/** Whether a union's option is one of words, and the value a word. */
function isWordFor(option: z.core.$ZodType | undefined, value: unknown): boolean {
  return option !== undefined && unwrapped(option).def.type === "enum" && typeof value === "string";
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/**
 * Owns the evaluation of a parsed JSONPath: functions put together once, then run over a message
 * with a budget of steps. Nothing here recurses along the message, so its depth does not matter.
 */
import { jsonpath } from "json-p3";
import type { JSONPathQuery } from "json-p3";
import { WsctlError } from "../base/errors.js";
import { jsonEquals, isJsonArray, isJsonObject, member } from "./json.js";
import type { JsonValue } from "./json.js";
import { compileRegex } from "./regex.js";

const { selectors: S, expressions: E } = jsonpath;

type Selector = JSONPathQuery["segments"][number]["selectors"][number];
type Expression = InstanceType<typeof E.FilterExpression>;

/** How many values one search may look at: some tens of milliseconds. */
const maxSteps = 1_000_000;

/** The state of one search. */
interface Run {
  readonly root: JsonValue;
  steps: number;
  found: JsonValue[];
  wanted: number;
}

/** Looks at one value and what is below it; false when the whole search is over. */
type Visit = (value: JsonValue, run: Run) => boolean;
type Test = (current: JsonValue, run: Run) => boolean;
/** Undefined is the RFC's Nothing: JSON has no such value. */
type Operand = (current: JsonValue, run: Run) => JsonValue | undefined;

/** The names and indexes of a path that selects at most one value; undefined for other paths. */
export function singularSteps(query: JSONPathQuery): (string | number)[] | undefined {
  if (!query.singularQuery()) return undefined;
  return query.segments.map(({ selectors: [selector] }) =>
    selector instanceof S.NameSelector
      ? selector.name
      : (selector as InstanceType<typeof S.IndexSelector>).index,
  );
}

/**
 * A function that gives the first `wanted` values that the query selects, or undefined when the
 * budget ran out first.
 * @throws WsctlError WSCTL_EUSAGE for what may not be asked of a stranger's message
 */
export function compileWalk(
  query: JSONPathQuery,
): (root: JsonValue, wanted: number) => readonly JsonValue[] | undefined {
  const visit = compileQuery(query);
  return (root, wanted) => {
    const run: Run = { root, steps: maxSteps, found: [], wanted };
    visit(root, run);
    return run.steps < 0 ? undefined : run.found;
  };
}

const collect: Visit = (value, run) => {
  run.found.push(value);
  return run.found.length < run.wanted;
};

/** Segments from last to first: each hands what it selects to the one after it. */
function compileQuery(query: JSONPathQuery): Visit {
  return query.segments.reduceRight<Visit>((next, segment) => {
    const select = compileSelectors(segment.selectors, next);
    return segment.toString().startsWith("..") ? descend(select) : select;
  }, collect);
}

/** RFC 9535 §2.5.2: the value itself, then everything below it, parents before children. */
function descend(select: Visit): Visit {
  return (top, run) => {
    const waiting: JsonValue[] = [top];
    while (waiting.length > 0) {
      const value = waiting.pop()!;
      if (!select(value, run)) return false;
      const children = childrenOf(value);
      run.steps -= children.length;
      if (run.steps < 0) return false;
      for (let index = children.length - 1; index >= 0; index--) waiting.push(children[index]!);
    }
    return true;
  };
}

const noChildren: readonly JsonValue[] = [];

function childrenOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : noChildren;
}

function compileSelectors(selectors: readonly Selector[], next: Visit): Visit {
  const visits = selectors.map((selector) => compileSelector(selector, next));
  if (visits.length === 1) return visits[0]!;
  return (value, run) => visits.every((visit) => visit(value, run));
}

function compileSelector(selector: Selector, next: Visit): Visit {
  if (selector instanceof S.NameSelector) {
    return one((value) => member(value, selector.name), next);
  }
  if (selector instanceof S.IndexSelector) {
    return one((value) => (isJsonArray(value) ? value.at(selector.index) : undefined), next);
  }
  if (selector instanceof S.SliceSelector) {
    const { start, stop, step = 1 } = selector;
    return many((value) => (isJsonArray(value) ? slice(value, start, stop, step) : []), next);
  }
  if (selector instanceof S.FilterSelector) {
    const test = compileTest(selector.expression.expression);
    return many(childrenOf, (value, run) => !test(value, run) || next(value, run));
  }
  return many(childrenOf, next);
}

function one(pick: (value: JsonValue) => JsonValue | undefined, next: Visit): Visit {
  return (value, run) => {
    if (--run.steps < 0) return false;
    const picked = pick(value);
    return picked === undefined || next(picked, run);
  };
}

function many(pick: (value: JsonValue) => readonly JsonValue[], next: Visit): Visit {
  return (value, run) => {
    for (const picked of pick(value)) {
      // A filter's own queries have spent from the same budget.
      if (--run.steps < 0 || !next(picked, run)) return false;
    }
    return run.steps >= 0;
  };
}

/** RFC 9535 §2.3.4.2.2. */
function slice(
  array: readonly JsonValue[],
  start: number | undefined,
  stop: number | undefined,
  step: number,
): readonly JsonValue[] {
  if (step === 0) return noChildren;
  const { length } = array;
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (at: number): number => Math.min(Math.max(at < 0 ? at + length : at, low), high);
  const from = start === undefined ? (step > 0 ? 0 : length - 1) : bound(start);
  const to = stop === undefined ? (step > 0 ? length : -1) : bound(stop);
  const picked: JsonValue[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) picked.push(array[at]!);
  return picked;
}

function compileTest(expression: Expression): Test {
  if (expression instanceof E.PrefixExpression) {
    const inner = compileTest(expression.right);
    return (current, run) => !inner(current, run);
  }
  if (expression instanceof E.InfixExpression) {
    const { operator } = expression;
    if (operator === "&&" || operator === "||") {
      const [left, right] = [compileTest(expression.left), compileTest(expression.right)];
      return operator === "&&"
        ? (current, run) => left(current, run) && right(current, run)
        : (current, run) => left(current, run) || right(current, run);
    }
    const [left, right] = [compileOperand(expression.left), compileOperand(expression.right)];
    return (current, run) => compare(left(current, run), operator, right(current, run));
  }
  if (expression instanceof E.FilterQuery) {
    const query = compileInner(expression);
    return (current, run) => query(current, run, 1).length > 0;
  }
  if (expression instanceof E.FunctionExtension) return compileRegexTest(expression);
  throw refuse(`${String(expression)} cannot stand alone in a filter`);
}

/** RFC 9535 §2.3.5.2.2. */
function compare(
  left: JsonValue | undefined,
  operator: string,
  right: JsonValue | undefined,
): boolean {
  if (operator === "!=") return !compare(left, "==", right);
  if (operator.startsWith(">")) return compare(right, operator.replace(">", "<"), left);
  if (operator.endsWith("=")) {
    const equal =
      left === undefined || right === undefined ? left === right : jsonEquals(left, right);
    if (equal || operator === "==") return equal;
  }
  const ordered =
    (typeof left === "number" && typeof right === "number") ||
    (typeof left === "string" && typeof right === "string");
  return ordered && left < right;
}

/** A query within a filter: what it selects, up to `wanted` values. */
function compileInner(
  expression: InstanceType<typeof E.FilterQuery>,
): (current: JsonValue, run: Run, wanted: number) => readonly JsonValue[] {
  const absolute = expression instanceof E.RootQuery;
  if (absolute && !expression.path.singularQuery()) {
    throw refuse(`${String(expression)} within a filter would search the message again and again`);
  }
  const visit = compileQuery(expression.path);
  return (current, run, wanted) => {
    const outer = { found: run.found, wanted: run.wanted };
    run.found = [];
    run.wanted = wanted;
    visit(absolute ? run.root : current, run);
    const { found } = run;
    Object.assign(run, outer);
    return found;
  };
}

function compileOperand(expression: Expression): Operand {
  if (expression instanceof E.FilterQuery) {
    const query = compileInner(expression);
    return (current, run) => query(current, run, 1)[0];
  }
  if (expression instanceof E.FunctionExtension) return compileFunction(expression);
  if (expression instanceof E.NullLiteral) return () => null;
  const { value } = expression as unknown as { value: JsonValue };
  return () => value;
}

/** RFC 9535 §2.4.4, §2.4.5 and §2.4.8: the functions that give a value. */
function compileFunction({ name, args }: InstanceType<typeof E.FunctionExtension>): Operand {
  const [argument] = args;
  if (name === "length") {
    const operand = compileOperand(argument!);
    return (current, run) => {
      const value = operand(current, run);
      // Characters, not UTF-16 units.
      if (typeof value === "string") return Array.from(value).length;
      if (isJsonArray(value)) return value.length;
      return isJsonObject(value) ? Object.keys(value).length : undefined;
    };
  }
  const query = compileInner(argument as InstanceType<typeof E.FilterQuery>);
  if (name === "count") return (current, run) => query(current, run, Infinity).length;
  return (current, run) => {
    const found = query(current, run, 2);
    return found.length === 1 ? found[0] : undefined;
  };
}

/** RFC 9535 §2.4.6 and §2.4.7. */
function compileRegexTest({ name, args }: InstanceType<typeof E.FunctionExtension>): Test {
  const [subject, pattern] = args;
  if (!(pattern instanceof E.StringLiteral)) {
    throw refuse(`the pattern of ${name}() must be written in the path, not read from a message`);
  }
  const regex = compileRegex(pattern.value);
  const operand = compileOperand(subject!);
  return (current, run) => {
    const value = operand(current, run);
    if (typeof value !== "string") return false;
    return name === "match" ? regex.testExact(value) : regex.test(value);
  };
}

function refuse(why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a JSONPath that can be used here: ${why}`);
}

/** Owns how the file of a script is read: YAML, with every mistake told at its place. */
import { isAlias, isMap, isNode, isSeq, LineCounter, parseDocument, Scalar } from "yaml";
import type { Document, Node, YAMLMap } from "yaml";
import { messageOf } from "../../../base/errors.js";
import { nearest } from "../../../base/nearest.js";
import { safeLine } from "../../../base/safe-text.js";
import { compileCapture, type Capture, type CaptureSpec } from "../../../message/capture.js";
import type { Binding } from "../../../message/value.js";
import { Mistakes } from "./mistakes.js";
import { compileRule, ruleKeys, type Fields, type Rule } from "./rule.js";

/**
 * Reads the rules of a script.
 * @param file its name, for messages
 * @param node what `{{ node }}` stands for
 * @throws WsctlError WSCTL_EUSAGE with file:line:column, the line and a caret
 */
export function readRules(file: string, text: string, node: string): readonly Rule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const mistakes = new Mistakes(file, text, lines);
  for (const { pos, message } of document.errors) mistakes.add(pos[0], message);
  mistakes.throwIfAny();
  const { contents } = document;
  if (!isSeq(contents) || contents.items.length === 0) {
    mistakes.add(contents, "a script is a list of rules", {
      hint: "begin each with - on: …",
    });
    mistakes.throwIfAny();
    return [];
  }
  const maps = contents.items.flatMap((item) => readMap(item, document, mistakes));
  // Names first: a reply may use what a rule further down captures.
  const captures = maps.map((fields) => readCaptures(fields, mistakes));
  const names = new Map<string, Binding>([["node", { value: node }]]);
  for (const { name } of captures.flat()) names.set(name, { per: "message" });
  const rules = maps.map((fields, at) =>
    compileRule(fields, { captures: captures[at] ?? [], scope: { names }, mistakes }),
  );
  mistakes.throwIfAny();
  return rules.filter((rule) => rule !== undefined);
}

/** The fields of a rule by their keys. */
function readMap(item: unknown, document: Document, mistakes: Mistakes): [Fields] | [] {
  const map = resolve(item, document);
  if (!isMap(map)) {
    mistakes.add(isNode(item) ? item : 0, "a rule has keys and values", {
      hint: `such as ${ruleKeys.join(", ")}`,
    });
    return [];
  }
  const fields = new Map<string, { node: Node; value: unknown }>();
  for (const [key, keyNode, node] of pairs(map)) {
    if (!ruleKeys.includes(key)) {
      const guess = nearest(key, ruleKeys);
      mistakes.add(keyNode, `a rule has no key "${safeLine(key, 40)}"`, {
        hint: guess ? `did you mean ${guess}?` : `it has ${ruleKeys.join(", ")}`,
      });
      continue;
    }
    const value = valueOf(node, document, mistakes);
    if (value === undefined) continue;
    if (value === null) mistakes.add(keyNode, `${key} has no value`);
    else fields.set(key, { node, value });
  }
  return [{ map, fields }];
}

/** What a node stands for; undefined, and a mistake, when an alias leads nowhere or too far. */
function valueOf(node: Node, document: Document, mistakes: Mistakes): unknown {
  try {
    return node.toJS(document) as unknown;
  } catch (error) {
    mistakes.add(node, messageOf(error));
    return undefined;
  }
}

function* pairs(map: YAMLMap): Generator<[key: string, keyNode: Node, node: Node]> {
  for (const { key, value } of map.items) {
    const keyNode = isNode(key) ? key : map;
    yield [String(key), keyNode, isNode(value) ? value : new Scalar(null)];
  }
}

function resolve(item: unknown, document: Document): unknown {
  return isAlias(item) ? item.resolve(document) : item;
}

function readCaptures({ fields }: Fields, mistakes: Mistakes): readonly Capture[] {
  const field = fields.get("capture");
  if (!field) return [];
  const specs: readonly unknown[] = Array.isArray(field.value) ? field.value : [field.value];
  return specs.flatMap((spec, at) => {
    const own = isSeq(field.node) ? field.node.items[at] : undefined;
    const capture = mistakes.during(isNode(own) ? own : field.node, () =>
      compileCapture(spec as CaptureSpec),
    );
    return capture ? [capture] : [];
  });
}

/**
 * Owns the condition on JSON: a JSONPath, and what must be said of a value that it selects. A
 * message that is not JSON meets no such condition, not even `exists: false`.
 */
import type { JsonValue } from "../json.js";
import { jsonEquals } from "../json.js";
import { compileJsonPath, maxSelected } from "../json-path.js";
import { refuse, requireString, show } from "./check.js";
import type { Check, Hide } from "./check.js";
import { conditionKinds } from "./conditions.js";
import type { Condition } from "./conditions.js";

/**
 * The keys that go with `json:`. `exists` and `notEquals` speak of all selected values, the
 * others of at least one.
 */
export const jsonKeys: readonly string[] = ["exists", "notEquals", ...conditionKinds.keys()];

/**
 * Compiles `json:` with the keys that go with it. Without any, the path must select something.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function compileJsonCheck(spec: ReadonlyMap<string, JsonValue>): Check {
  const path = compileJsonPath(requireString("json", spec.get("json"), "$.op"));
  const conditions: Condition[] = [];
  for (const [key, kind] of conditionKinds) {
    const wanted = spec.get(key);
    if (wanted !== undefined) conditions.push(kind.compile(key, wanted));
  }
  const other = spec.get("notEquals");
  const exists = spec.get("exists");
  if (exists !== undefined && typeof exists !== "boolean") {
    throw refuse("exists", `expected true or false, got ${show(exists)}`);
  }
  if (exists === false && (conditions.length > 0 || other !== undefined)) {
    throw refuse("exists", "what does not exist can meet no other condition", "leave one out");
  }
  const needsOne = conditions.length > 0 || other === undefined || exists === true;

  /** Undefined when it holds, else why not. */
  const judge = (root: JsonValue | undefined): ((hide?: Hide) => string) | undefined => {
    if (root === undefined) return () => "the message is not JSON";
    const found = path.select(root);
    if (!found) return () => `the message is too large to search for ${path.source}`;
    const [first] = found;
    if (exists === false) {
      return first === undefined
        ? undefined
        : (hide) => `${path.source} is there: ${show(first, hide, path.source)}`;
    }
    if (needsOne && first === undefined) return () => `${path.source} is not in the message`;
    if (other !== undefined && found.some((value) => jsonEquals(value, other))) {
      return () => `${path.source} is ${show(other)}`;
    }
    const meets = (value: JsonValue): boolean => conditions.every((each) => each.test(value));
    if (conditions.length === 0 || found.some(meets)) return undefined;
    return (hide) => {
      const failed = conditions.find((each) => !each.test(first!)) ?? conditions[0]!;
      let rest = found.length > 1 ? `, nor is any of ${found.length - 1} more` : "";
      if (found.length === maxSelected) rest += " (further ones were not looked at)";
      return `${path.source} is ${show(first!, hide, path.source)}, not ${failed.asked}${rest}`;
    };
  };
  const { singular } = path;
  return {
    test:
      singular && needsOne && exists !== false
        ? (view) => {
            // The usual question, answered without a list and, where that can be, without a parser.
            const value = view.select(singular);
            if (value === undefined) return false;
            if (other !== undefined && jsonEquals(value, other)) return false;
            for (const condition of conditions) if (!condition.test(value)) return false;
            return true;
          }
        : (view) => judge(view.json) === undefined,
    explain: (view, hide) => judge(view.json)?.(hide) ?? "it matches",
  };
}

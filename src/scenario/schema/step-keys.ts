/** Owns the rule that a step is exactly one thing. */
import { wholeCheck } from "./kinds.js";

/** Every step by its key. */
const stepKeys = [
  "send",
  "wait",
  "every",
  "listen",
  "think",
  "ping",
  "close",
  "reconnect",
  "loop",
  "barrier",
  "choose",
  "set",
  "log",
  "capture",
  "expect",
] as const;

/** The key of a step. */
export type StepKey = (typeof stepKeys)[number];

/** What goes beside `send`, and is a step of its own elsewhere. */
const besideSend: ReadonlySet<string> = new Set(["expect", "capture"]);

/** The step's own key; undefined when it has none, or several. */
export function stepKeyOf(map: object): StepKey | undefined {
  const given = stepKeys.filter((key) => Object.hasOwn(map, key) && isGiven(map, key));
  const own = given.includes("send") ? given.filter((key) => !besideSend.has(key)) : given;
  // An expect that captures is one step: what it matched is what is captured.
  if (own.length === 2 && own.includes("expect") && own.includes("capture")) return "expect";
  return own.length === 1 ? own[0] : undefined;
}

function isGiven(map: object, key: string): boolean {
  return (map as Readonly<Record<string, unknown>>)[key] !== undefined;
}

/** Refuses a step that is nothing, or several things at once. */
export const oneStep = wholeCheck((map) => {
  if (stepKeyOf(map) !== undefined) return undefined;
  const given = stepKeys.filter((key) => isGiven(map, key));
  if (given.length > 1) {
    const second = given.toSorted(
      (a, b) => Object.keys(map).indexOf(a) - Object.keys(map).indexOf(b),
    );
    return {
      message: `a step is one thing, not ${second.join(" and ")}`,
      hint: "begin a new step with a dash; beside send there may be expect and capture",
      path: [second[1]!],
    };
  }
  return {
    message: "the step does nothing",
    hint: `give it one of ${stepKeys.join(", ")}`,
    isDerived: true,
  };
});

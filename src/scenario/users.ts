/** Owns the kinds of users of a document, and walking over their steps with the paths of these. */
import type { YamlPath } from "../base/yaml-source.js";
import { pathText } from "./mistake.js";
import type { Scenario } from "./scenario.js";
import type { Flow, StepMap } from "./schema/step.js";
import { stepKeyOf, type StepKey } from "./schema/step-keys.js";

/** One kind of user. */
export interface User {
  readonly name: string;
  readonly weight: number;
  readonly repeat: "same-socket" | "reconnect" | "once";
  readonly audience: string | undefined;
  readonly flow: Flow;
  /** Where it is written. */
  readonly path: YamlPath;
  /** Where its flow is written. */
  readonly flowPath: YamlPath;
}

/** The kinds of users; a flow without scenarios is the only one, `main`. */
export function usersOf({ scenarios, flow = [] }: Scenario): User[] {
  if (!scenarios) {
    const path = ["flow"];
    return [
      {
        name: "main",
        weight: 1,
        repeat: "same-socket",
        audience: undefined,
        flow,
        path,
        flowPath: path,
      },
    ];
  }
  return scenarios.map((each, index) => ({
    name: each.name,
    weight: each.weight ?? 1,
    repeat: each.repeat ?? "same-socket",
    audience: each.fanout?.audience,
    flow: each.flow,
    path: ["scenarios", index],
    flowPath: ["scenarios", index, "flow"],
  }));
}

/** A step with its key and its place. */
export interface PlacedStep {
  readonly key: StepKey;
  readonly map: StepMap;
  readonly path: YamlPath;
}

/** The steps of a flow, in order; not those within them. */
export function stepsOf(flow: Flow, flowPath: YamlPath): PlacedStep[] {
  return flow.flatMap((step, index) => {
    const map: StepMap = step === "reconnect" ? { reconnect: {} } : step;
    const key = stepKeyOf(map);
    return key ? [{ key, map, path: [...flowPath, index] }] : [];
  });
}

/** The flows within a step: a loop's, or those to choose from. */
export function innerFlows({ map, path }: PlacedStep): { flow: Flow; path: YamlPath }[] {
  if (map.loop?.flow) return [{ flow: map.loop.flow, path: [...path, "loop", "flow"] }];
  return (map.choose ?? []).map(({ flow }, index) => ({
    flow,
    path: path.concat("choose", index, "flow"),
  }));
}

/** Every step of a flow with those within, parents first. */
export function allSteps(flow: Flow, flowPath: YamlPath): PlacedStep[] {
  return stepsOf(flow, flowPath).flatMap((step) =>
    [step].concat(innerFlows(step).flatMap((inner) => allSteps(inner.flow, inner.path))),
  );
}

/**
 * What reports call the steps of a flow, those within them as well: by their names, or their places.
 * @param where the flow is: `chat.flow`
 */
export function stepNames(flow: Flow, where: string): string[] {
  return allSteps(flow, [where]).map(({ map, path }) => map.name ?? pathText(path));
}

/** One or several, as a list; each with the rest of its path. */
export function listed<Item>(
  value: Item | readonly Item[],
  path: YamlPath,
): { item: Item; path: YamlPath }[] {
  // Array.isArray does not narrow readonly arrays.
  if (!Array.isArray(value)) return [{ item: value as Item, path }];
  return (value as readonly Item[]).map((item, index) => ({ item, path: path.concat(index) }));
}

/** Owns what the command line changes of a scenario: it goes first. */
import type { JsonValue } from "../message/json.js";
import { loadOf } from "./compile/load.js";
import { parseFlagStage } from "./flag-stage.js";
import { thresholdsOfFlags } from "./flag-threshold.js";
import { Population } from "./population.js";
import type { Scenario } from "./scenario.js";

/** What the command line says of a scenario; what is left out stays as it is written. */
export interface Overrides {
  readonly targets?: readonly string[] | undefined;
  /** A constant population in place of all stages. */
  readonly connections?: string | undefined;
  /** For how long; without `connections` that of the scenario's peak. */
  readonly duration?: string | undefined;
  /** `30s:100`; in place of all that the scenario says of how many users there are. */
  readonly stages?: readonly string[] | undefined;
  readonly connectRate?: string | undefined;
  readonly warmup?: string | undefined;
  readonly gracefulStop?: string | undefined;
  readonly seed?: number | undefined;
  /** Texts; one whose variable is a number, a list … in the scenario is read as JSON. */
  readonly variables?: ReadonlyMap<string, string> | undefined;
  /** Which of the variables the environment set, and no flag. */
  readonly variablesOfEnv?: ReadonlySet<string> | undefined;
  /** `ws_msg_rtt: p(99)<200`; they come on top of the scenario's. */
  readonly thresholds?: readonly string[] | undefined;
}

type Config = NonNullable<Scenario["config"]>;

/**
 * The scenario as the command line changes it.
 * @throws WsctlError WSCTL_EUSAGE for a threshold without a metric, or what is no stage
 */
export function scenarioWith(scenario: Scenario, overrides: Overrides): Scenario {
  const { targets, variables, thresholds } = overrides;
  let config: Config = scenario.config ?? {};
  if (targets !== undefined && targets.length > 0) config = { ...config, target: [...targets] };
  if (variables && variables.size > 0) {
    config = { ...config, variables: variablesWith(config.variables ?? {}, variables) };
  }
  const load = loadWith(config.load, overrides);
  if (load) config = { ...config, load };
  if (thresholds && thresholds.length > 0) {
    config = { ...config, thresholds: thresholdsOfFlags(config.thresholds ?? {}, thresholds) };
  }
  return Object.keys(config).length > 0 ? { ...scenario, config } : scenario;
}

/** Whether it says how many users there are, or for how long, in place of the scenario. */
export function reshapes({ connections, duration, stages = [] }: Overrides): boolean {
  return connections !== undefined || duration !== undefined || stages.length > 0;
}

function variablesWith(
  written: Readonly<Record<string, JsonValue>>,
  given: ReadonlyMap<string, string>,
): Record<string, JsonValue> {
  const all = new Map(Object.entries(written));
  for (const [name, text] of given) all.set(name, likeWritten(all.get(name), text));
  return Object.fromEntries(all);
}

/** A text in the place of a number has to become one: `{"n":"5"}` is not `{"n":5}`. */
function likeWritten(before: JsonValue | undefined, text: string): JsonValue {
  if (before === undefined || typeof before === "string") return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function loadWith(load: Config["load"], overrides: Overrides): Config["load"] {
  const { connections, duration, stages: given = [], connectRate } = overrides;
  const { warmup, gracefulStop, seed } = overrides;
  let changed: NonNullable<Config["load"]> = load ?? {};
  if (given.length > 0) {
    const { connections: _n, duration: _d, maxConnections: _m, ...rest } = changed;
    changed = { ...rest, stages: given.map(parseFlagStage) };
  } else if (connections !== undefined || duration !== undefined) {
    const { stages, maxConnections: _none, ...rest } = changed;
    const before = stages ? new Population(loadOf(changed)) : undefined;
    const isArriving = stages?.[0]?.arrivalRate !== undefined;
    changed = {
      ...rest,
      ...(before && !isArriving ? { connections: before.size } : {}),
      ...(before ? { duration: `${before.duration}ms` } : {}),
      ...(connections === undefined ? {} : { connections }),
      ...(duration === undefined ? {} : { duration }),
    };
  }
  if (connectRate !== undefined) changed = { ...changed, connectRate };
  if (warmup !== undefined) changed = { ...changed, warmup };
  if (gracefulStop !== undefined) changed = { ...changed, gracefulStop };
  if (seed !== undefined) changed = { ...changed, seed };
  return Object.keys(changed).length > 0 ? changed : load;
}

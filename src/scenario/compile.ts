/** Owns compiling: a Scenario becomes a Plan, every quantity resolved and held against its limits. */
import { WsctlError } from "../base/errors.js";
import { formatCount, formatSize, parseCount, parseDuration, parseRate } from "../base/quantity.js";
import type { YamlPath } from "../base/yaml-source.js";
import { checkScenario } from "./check.js";
import { connectionOf } from "./compile/connection.js";
import type { Compiling } from "./compile/compiling.js";
import { flowPlan, judgedAsOf } from "./compile/flow.js";
import { perSecond, timeOf, within } from "./compile/limits.js";
import { loadOf } from "./compile/load.js";
import { simplePlan } from "./compile/simple.js";
import { thresholdsOf } from "./compile/thresholds.js";
import { labelOf, type Problem, ScenarioMistakes } from "./mistake.js";
import { type Places, unplaced } from "./places.js";
import type { Correlate, Plan } from "./plan.js";
import { mostUsers, Population } from "./population.js";
import type { Resources } from "./resources.js";
import type { ConnectionSpec, Scenario } from "./scenario.js";

/** What a scenario is compiled with. */
export interface CompileContext {
  /** Where its parts stand, when it came from a file. */
  readonly places?: Places | undefined;
  /** The files that it names. */
  readonly resources?: Resources | undefined;
  /** What `$env.NAME` may read. */
  readonly env?: ReadonlyMap<string, string> | undefined;
  /** What the command line says of connections. It goes first; headers do so name by name. */
  readonly connection?: Partial<ConnectionSpec> | undefined;
  /** The flag that a part of the scenario comes from, when it came from flags. */
  readonly flagAt?: ((path: YamlPath) => string | undefined) | undefined;
}

const nothing: Resources = { feeders: new Map(), files: new Map() };

/**
 * Compiles a scenario.
 * @throws WsctlError WSCTL_EUSAGE naming the value that is wrong; ScenarioMistakes for what the
 * scenario means
 */
export function compile(scenario: Scenario, context: CompileContext = {}): Plan {
  const { places, resources = nothing, env = new Map<string, string>(), connection = {} } = context;
  const { target, load = {}, correlate } = scenario.config ?? {};
  const compiling: Compiling = { scenario, env, files: resources.files };
  const targets = target === undefined ? [] : [target].flat();
  if (targets.length === 0) {
    throw new WsctlError("WSCTL_EUSAGE", "the scenario names no target", {
      hint: "write it like config: { target: ws://127.0.0.1:8080/ }, or give a URL",
    });
  }
  if (!load.stages) {
    const users = parseCount(String(load.connections ?? 1));
    within("connections", users, 1, 1_000_000, formatCount);
  }
  const feeders = resources.feeders;
  const problems = checkScenario({ scenario, env, feeders, checkTarget: undefined });
  if (problems.length > 0) {
    const mistakes = problems.map(
      (problem) => places?.locate(problem) ?? unplaced(ofFlag(problem, context.flagAt)),
    );
    throw new ScenarioMistakes(
      places?.name ?? (context.flagAt ? "the flags" : "the scenario"),
      mistakes,
    );
  }
  const gracefulStop = parseDuration(String(load.gracefulStop ?? "5s"));
  const connectRate = parseRate(String(load.connectRate ?? "1000/s"));
  const shared = {
    $schema: "wsctl.plan/1" as const,
    targets,
    connection: connectionOf(compiling, connection),
    connectRate: within("the connect rate", connectRate, 0.01, 1_000_000, perSecond),
    ...warmupOf(load.warmup),
    gracefulStop,
    correlate: correlateOf(correlate),
  };
  const thresholds = thresholdsOf(scenario, places);
  const population = new Population(loadOf(load));
  const connections = within("the number of users", population.size, 1, mostUsers, formatCount);
  const { headers, subprotocols } = shared.connection;
  const hasTemplates = [...headers.map(([, value]) => value), ...subprotocols].some((text) =>
    text.includes("{{"),
  );
  const simple = hasTemplates ? undefined : simplePlan(compiling, connections);
  if (simple) {
    const plan: Plan = { ...shared, connections, ...simple, thresholds };
    refuseUnanswerable(plan);
    return plan;
  }
  const flow = flowPlan(
    { ...compiling, replyTimeout: shared.correlate.timeout },
    resources.feeders,
    connections,
  );
  return {
    ...shared,
    connections,
    traffic: { model: "flow", judgedAs: judgedAsOf(flow), flow },
    duration: population.duration,
    first: [],
    messages: [],
    thresholds,
  };
}

/** None is left out, so that a flag of 0s takes that of a file away. */
function warmupOf(written: string | number | undefined): { warmup?: number } {
  const warmup = parseDuration(String(written ?? "0s"));
  return warmup > 0 ? { warmup } : {};
}

/** The problem in the words of the flag that it came with: it has no keys to be named by. */
function ofFlag(problem: Problem, flagAt: CompileContext["flagAt"]): Problem {
  const flag = problem.flag ?? flagAt?.(problem.path);
  if (flag === undefined) return problem;
  const label = `${labelOf(problem.path)}: `;
  const { message, hint } = problem;
  const own = message.startsWith(label) ? message.slice(label.length) : message;
  const aboutTemplates = "--var gives a name its value; \\{{ sends two braces as they are";
  const isOfTemplate = own.startsWith("template: ") && hint?.includes("{{") !== true;
  return {
    ...problem,
    flag,
    message: own,
    hint: isOfTemplate ? [hint, aboutTemplates].filter(Boolean).join("; ") : hint,
  };
}

function correlateOf(written: NonNullable<Scenario["config"]>["correlate"]): Correlate {
  const timeout = timeOf("the reply timeout", written?.timeout ?? "5s");
  if (written?.by !== "id") return { by: written?.by ?? "none", timeout };
  const { request = "$.id", response = request } = written;
  return { by: "id", request, response, timeout };
}

/** What is sent comes back from an echo server: it would then be refused as too large, by us. */
function refuseUnanswerable(plan: Plan): void {
  const { maxPayload } = plan.connection;
  if (plan.correlate.by === "none") return;
  for (const { payload } of plan.messages) {
    const size = Buffer.byteLength(payload, "base64");
    if (size <= maxPayload) continue;
    throw new WsctlError(
      "WSCTL_EUSAGE",
      `a message of ${formatSize(size)} is larger than what is accepted as its answer, ${formatSize(maxPayload)}`,
      { hint: `raise the limit: --max-payload ${size}` },
    );
  }
}

/** Owns compiling what virtual users do, who lives when, and what they carry. */
import { randomInt } from "node:crypto";
import { parseDuration } from "../../base/quantity.js";
import type { FlowPlan, PlanFeeder, PlanStep } from "../flow-plan.js";
import type { Traffic } from "../plan.js";
import type { FeederFile } from "../resources.js";
import { parseByteRate } from "../schema/kinds.js";
import { matchOf } from "../schema/match.js";
import { parseShare } from "../schema/share.js";
import { parseSpan } from "../schema/span.js";
import { scenarioShares } from "../share-out.js";
import { usersOf } from "../users.js";
import { sendOf } from "./content.js";
import { loadOf } from "./load.js";
import { backoffOf, eventOf } from "./reconnect.js";
import { sequenceOf } from "./sequence.js";
import { compileFlow, type StepContext } from "./steps.js";

/** The part of a plan that says what virtual users do. @throws WsctlError WSCTL_EUSAGE */
export function flowPlan(
  context: Omit<StepContext, "users">,
  feeders: ReadonlyMap<string, FeederFile>,
  peak: number,
): FlowPlan {
  const { config, profiles = [], events = [] } = context.scenario;
  const { load = {}, heartbeat, reconnect, onReconnect, data, variables, node } = config ?? {};
  const users = usersOf(context.scenario);
  const counts = scenarioShares(users.map(({ weight }) => weight)).counts(peak);
  return {
    seed: load.seed ?? randomInt(0, 2 ** 32),
    load: loadOf(load),
    lifetime: load.lifetime === undefined ? undefined : parseSpan(String(load.lifetime)),
    scenarios: users.map(({ name, weight, repeat, flow, audience }, index) => ({
      name,
      weight,
      repeat,
      flow: compileFlow(flow, `${name}.flow`, {
        ...context,
        users: Math.max(1, counts[index]!),
      }),
      audience,
    })),
    variables: variables ?? {},
    feeders: Object.entries(data ?? {}).map(([name, written]): PlanFeeder => {
      const file = feeders.get(name);
      // Checked before: without its facts a scenario does not get here.
      if (!file) throw new TypeError(`nothing is known of the data of ${name}`);
      const order = typeof written === "string" ? undefined : written.order;
      return {
        name,
        path: file.path,
        format: file.format,
        rows: file.rows,
        order: order ?? "sequence",
      };
    }),
    reconnect: backoffOf(reconnect),
    onReconnect: compileFlow(onReconnect ?? [], "onReconnect", { ...context, users: peak }),
    heartbeat: {
      ping: heartbeat?.ping === undefined ? undefined : parseDuration(String(heartbeat.ping)),
      timeout: parseDuration(String(heartbeat?.timeout ?? "5s")),
      autoReplies: (heartbeat?.autoReply ?? []).map(({ match, send }) => ({
        match: matchOf(match),
        send: { ...sendOf(send, context), reply: false },
      })),
    },
    profiles: profiles.map(({ name, share, readRate, drop, pong }) => ({
      name,
      share: parseShare(String(share)),
      readRate: readRate === undefined ? undefined : parseByteRate(String(readRate)),
      drop: drop && parseSpan(String(drop.every)),
      mute: pong === "never",
    })),
    events: events.map(eventOf),
    ...(node === undefined ? {} : { node }),
    ...(config?.sequence ? { sequence: sequenceOf(config.sequence) } : {}),
  };
}

/**
 * What a flow's figures are judged as: with messages on a schedule as a run at given rates, else
 * with requests that wait for replies as a closed loop.
 */
export function judgedAsOf({
  scenarios,
}: FlowPlan): Extract<Traffic, { model: "flow" }>["judgedAs"] {
  const steps = scenarios.flatMap(({ flow }) => deep(flow));
  if (steps.some(({ kind }) => kind === "every")) return "rate";
  const waits = (step: PlanStep): boolean =>
    step.kind === "flood" ||
    (step.kind === "send" && (step.expect !== undefined || step.message.reply));
  return steps.some(waits) ? "closed" : "idle";
}

function deep(flow: readonly PlanStep[]): PlanStep[] {
  return flow.flatMap((step) => {
    if (step.kind === "loop") return [step, ...deep(step.flow)];
    if (step.kind === "choose") return [step, ...step.options.flatMap((each) => deep(each.flow))];
    return [step];
  });
}

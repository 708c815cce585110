/**
 * Owns recognizing the scenario that flags stand for: every connection says its first messages and
 * then does one thing. Such a plan needs no virtual users, and the bare models carry it at a
 * fraction of their cost.
 */
import { formatCount, parseCount, parseDuration, parseRate } from "../../base/quantity.js";
import { compileJsonTemplate } from "../../message/json-template.js";
import { compileTemplate } from "../../message/template.js";
import type { Binding, NameScope } from "../../message/value.js";
import type { PlanSend } from "../flow-plan.js";
import type { PlanMessage, Traffic } from "../plan.js";
import { listed, stepsOf, usersOf, type PlacedStep } from "../users.js";
import type { Compiling } from "./compiling.js";
import { sendOf } from "./content.js";
import { perSecond, timeOf, within } from "./limits.js";

/** The smallest rate that makes sense: one message a day. */
const lowestRate = 1 / 86_400;

/** What is known of virtual users only: without them a bound on it would never have a value, or always 0. */
const ofUsers = /^ws_(?:availability|losses|given_up|away_at_end|downtime|reconnect|recovery)/;

/** What a plan says when it has no virtual users. */
export interface SimplePlan {
  readonly traffic: Traffic;
  readonly duration: number;
  readonly first: readonly PlanMessage[];
  readonly messages: readonly PlanMessage[];
}

/** The plan without virtual users; undefined when the scenario needs them. */
export function simplePlan(compiling: Compiling, connections: number): SimplePlan | undefined {
  const { config, profiles = [], events = [] } = compiling.scenario;
  const { load, correlate } = config ?? {};
  const [user, another] = usersOf(compiling.scenario);
  if (!user || another || user.repeat !== "same-socket" || user.audience !== undefined)
    return undefined;
  if (load?.stages || load?.lifetime !== undefined) return undefined;
  if (profiles.length + events.length > 0) return undefined;
  if (Object.keys(config?.data ?? {}).length > 0 || config?.heartbeat) return undefined;
  if ((config?.reconnect?.policy ?? "none") !== "none") return undefined;
  if (Object.keys(config?.thresholds ?? {}).some((metric) => ofUsers.test(metric)))
    return undefined;
  if (correlate?.by === "id" || correlate?.by === "stamp" || config?.sequence) return undefined;

  const steps = stepsOf(user.flow, user.flowPath);
  const last = steps.pop();
  if (!last || steps.some(({ map }) => map.name !== undefined)) return undefined;
  const first = steps.map((step) => openingMessage(step, compiling));
  if (first.includes(undefined)) return undefined;
  const lasting = lastingPart(last, compiling, connections);
  return lasting && { ...lasting, first: first as PlanMessage[] };
}

/** A message that is sent once and expects nothing. */
function openingMessage({ key, map }: PlacedStep, compiling: Compiling): PlanMessage | undefined {
  if (key !== "send" || map.send === undefined || map.expect || map.capture) return undefined;
  const send = sendOf(map.send, compiling);
  return send.reply ? undefined : fixedMessage(send, compiling);
}

function lastingPart(
  { map }: PlacedStep,
  compiling: Compiling,
  connections: number,
): Omit<SimplePlan, "first"> | undefined {
  const { loop, every, listen, name } = map;
  if (name !== undefined) return undefined;
  const whole = compiling.scenario.config?.load?.duration;
  const lasts = loop?.over ?? every?.for ?? listen;
  if (lasts === undefined || loop?.flow || (loop ?? every)?.expect) return undefined;
  // A part that ends before the load does is begun anew, which the bare models do not do.
  if (whole !== undefined && parseDuration(String(lasts)) < parseDuration(String(whole))) {
    return undefined;
  }
  const duration = timeOf("the duration", whole ?? lasts);
  if (listen !== undefined) return { traffic: { model: "idle" }, duration, messages: [] };
  const isOrdered = compiling.scenario.config?.correlate?.by === "order";
  const messages: PlanMessage[] = [];
  for (const { item } of listed((loop ?? every)?.send ?? [], [])) {
    const send = sendOf(item, compiling);
    const message = send.reply === isOrdered ? fixedMessage(send, compiling) : undefined;
    if (!message) return undefined;
    messages.push(message);
  }
  if (loop) {
    if (!isOrdered) return undefined;
    const inFlight = parseCount(String(loop.inFlight ?? 1));
    within("the number in flight", inFlight, 1, 100_000, formatCount);
    return { traffic: { model: "closed", inFlight }, duration, messages };
  }
  const rate =
    every?.totalRate === undefined
      ? parseRate(String(every?.rate ?? 1)) * connections
      : parseRate(String(every.totalRate));
  within("the rate", rate, lowestRate, 10_000_000, perSecond);
  return { traffic: { model: "rate", rate }, duration, messages };
}

/** The message when it is the same for every connection and every time. */
function fixedMessage(send: PlanSend, { scenario }: Compiling): PlanMessage | undefined {
  const { opcode, payload, fragments } = send;
  if (fragments > 1) return undefined;
  if (payload.kind === "bytes") return { opcode, payload: payload.base64 };
  const names = new Map<string, Binding>();
  for (const [name, value] of Object.entries(scenario.config?.variables ?? {})) {
    names.set(name, { value });
  }
  const scope: NameScope = { names };
  const template =
    payload.kind === "text"
      ? compileTemplate(payload.template, scope)
      : compileJsonTemplate(payload.template, scope);
  if (template.constant === undefined) return undefined;
  return { opcode, payload: Buffer.from(template.constant, "utf8").toString("base64") };
}

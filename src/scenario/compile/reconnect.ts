/** Owns resolving what becomes of lost connections: the policy of reconnecting, and events that cut. */
import { parseCount, parseDuration } from "../../base/quantity.js";
import type { PlanEvent, PlanReconnect } from "../flow-plan.js";
import type { Scenario } from "../scenario.js";
import { parseShare } from "../schema/share.js";

type Reconnect = NonNullable<NonNullable<Scenario["config"]>["reconnect"]>;
type Event = NonNullable<Scenario["events"]>[number];

const ms = (text: string | number | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(String(text));

/** The policy; undefined when nothing reconnects. @throws WsctlError WSCTL_EUSAGE */
export function backoffOf(reconnect: Reconnect | undefined): PlanReconnect | undefined {
  if (!reconnect || reconnect.policy === "none") return undefined;
  const { policy, base, max, jitter, attempts, resetAfter, hints } = reconnect;
  return {
    kind: policy,
    base: ms(base),
    max: ms(max),
    jitter,
    attempts: attempts === undefined ? undefined : parseCount(String(attempts)),
    resetAfter: ms(resetAfter),
    hints,
  };
}

/** An event, every number resolved. @throws WsctlError WSCTL_EUSAGE */
export function eventOf({ at, every, until, times, over, drop, how }: Event): PlanEvent {
  const [first, gap, last] = [parseDuration(String(at)), ms(every), ms(until)];
  const rounds =
    gap !== undefined && last !== undefined
      ? Math.max(1, Math.floor((last - first) / gap) + 1)
      : times === undefined
        ? undefined
        : parseCount(String(times));
  return {
    at: first,
    every: gap,
    times: rounds,
    over: ms(over),
    drop: parseShare(String(drop)),
    how: how ?? "reset",
  };
}

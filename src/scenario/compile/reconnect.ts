/** Owns resolving the policy of reconnecting. */
import type { BackoffPolicy } from "../../base/backoff.js";
import { parseCount, parseDuration } from "../../base/quantity.js";
import type { Scenario } from "../scenario.js";

type Reconnect = NonNullable<NonNullable<Scenario["config"]>["reconnect"]>;

/** The policy; undefined when nothing reconnects. @throws WsctlError WSCTL_EUSAGE */
export function backoffOf(reconnect: Reconnect | undefined): BackoffPolicy | undefined {
  if (!reconnect || reconnect.policy === "none") return undefined;
  const { policy, base, max, jitter, attempts, resetAfter } = reconnect;
  const ms = (text: string | number | undefined): number | undefined =>
    text === undefined ? undefined : parseDuration(String(text));
  return {
    kind: policy,
    base: ms(base),
    max: ms(max),
    jitter,
    attempts: attempts === undefined ? undefined : parseCount(String(attempts)),
    resetAfter: ms(resetAfter),
  };
}

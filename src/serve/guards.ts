/**
 * Owns the list of guards: one line for each. They are asked in this order: what is cheap first, then
 * what concerns a connection as a whole, then what looks into messages.
 */
import type { FlagSpec, FlagValues } from "./flag.js";
import { WsctlError } from "../base/errors.js";
import { flagName } from "./flag.js";
import type { Guard, GuardKind } from "./guard.js";
import { allowOrigin } from "./guards/allow-origin.js";
import { auth } from "./guards/auth.js";
import { backpressure } from "./guards/backpressure.js";
import { heartbeat } from "./guards/heartbeat.js";
import { idleTimeout } from "./guards/idle-timeout.js";
import { lifetime } from "./guards/lifetime.js";
import { limitConnections } from "./guards/limit-connections.js";
import { limitMessages } from "./guards/limit-messages.js";
import { limitPerIp } from "./guards/limit-per-ip.js";
import { schema } from "./guards/schema.js";

/** Every guard. */
const guardKinds: readonly GuardKind[] = [
  limitConnections,
  limitPerIp,
  allowOrigin,
  lifetime,
  heartbeat,
  backpressure,
  idleTimeout,
  auth,
  limitMessages,
  schema,
];

/** The flags of all guards. */
export function guardFlags(): FlagSpec[] {
  return guardKinds.flatMap((kind) => [...kind.flags]);
}

/**
 * The guards that the flags ask for.
 * @throws WsctlError WSCTL_EUSAGE for a value that cannot be used, or that is of no use
 */
export function createGuards(values: FlagValues): Guard[] {
  return guardKinds.flatMap((kind) => {
    const [first, ...others] = kind.flags.map(flagName);
    if (values.get(first!) !== undefined) return [kind.create(values)];
    const stray = others.find((name) => values.get(name) !== undefined);
    if (stray === undefined) return [];
    throw new WsctlError("WSCTL_EUSAGE", `--${stray} says nothing without --${first}`, {
      hint: `add --${first}, or leave --${stray} out`,
    });
  });
}

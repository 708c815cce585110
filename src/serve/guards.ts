/** Owns the list of guards: one line for each. They are asked in this order. */
import type { FlagSpec, FlagValues } from "./flag.js";
import { flagName } from "./flag.js";
import type { Guard, GuardKind } from "./guard.js";

/** Every guard. */
export const guardKinds: readonly GuardKind[] = [];

/** The flags of all guards. */
export function guardFlags(): FlagSpec[] {
  return guardKinds.flatMap((kind) => [...kind.flags]);
}

/**
 * The guards that the flags ask for.
 * @throws WsctlError WSCTL_EUSAGE for a value that cannot be used
 */
export function createGuards(values: FlagValues): Guard[] {
  return guardKinds.flatMap((kind) =>
    values.get(flagName(kind.flags[0])) === undefined ? [] : [kind.create(values)],
  );
}

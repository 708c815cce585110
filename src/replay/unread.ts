/** Owns what a recording that cannot be read comes to, beside others that can. */
import { WsctlError } from "../base/errors.js";
import { failureOf } from "./leg.js";
import { type ConnectionResult, type ReplayResult, worstOf } from "./result.js";

/** Whether that is the fault of one recording alone, and the others can be replayed. */
export function isUnreadable(error: unknown): error is WsctlError {
  if (!(error instanceof WsctlError) || error.code !== "WSCTL_EUSAGE") return false;
  // What the system refuses, it may refuse to all.
  return error.cause === undefined;
}

/** The result of a recording that cannot be read. */
export function unread(name: string, url: string, error: WsctlError): ConnectionResult {
  return {
    name,
    url,
    outcome: "failed",
    took: 0,
    opened: 0,
    sent: 0,
    unsent: 0,
    received: 0,
    recorded: 0,
    same: 0,
    changed: 0,
    missing: 0,
    moved: 0,
    extra: 0,
    differences: [],
    waits: [],
    captured: {},
    detected: [],
    failure: failureOf(error),
    notes: [],
    updated: false,
  };
}

/** The result with those that could not be read, in the order of the names. */
export function withUnread(
  result: ReplayResult,
  others: readonly ConnectionResult[],
  names: readonly string[],
): ReplayResult {
  if (others.length === 0) return result;
  const order = new Map(names.map((name, index) => [name, index]));
  const connections = [...result.connections, ...others].toSorted(
    (a, b) => order.get(a.name)! - order.get(b.name)!,
  );
  return { ...result, connections, outcome: worstOf(connections.map(({ outcome }) => outcome)) };
}

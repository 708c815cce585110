/** Owns what is said of how a connection opened and ended: against the recording, in differences. */
import type { CloseLine, UpgradeLine } from "../recording/line.js";
import { headerValue, type Upgrade } from "../frame/upgrade.js";
import type { SessionEnd } from "../session/session-events.js";
import { breakOf } from "./leg.js";
import type { Difference, ShownChange } from "./result.js";

function change(path: string, recorded: string, received: string): ShownChange[] {
  return recorded === received ? [] : [{ path, recorded, received }];
}

function difference(
  kind: "close" | "upgrade",
  line: number | undefined,
  changes: readonly ShownChange[],
): Difference | undefined {
  if (changes.length === 0) return undefined;
  return { kind, ...(line === undefined ? {} : { line }), changes };
}

/** What of an upgrade is not as recorded; undefined when all is. */
export function upgradeDifference(
  recorded: UpgradeLine,
  line: number,
  upgrade: Upgrade,
): Difference | undefined {
  const chosen = headerValue(recorded.response, "Sec-WebSocket-Protocol") ?? "";
  return difference("upgrade", line, [
    ...change("status", String(recorded.status), String(upgrade.response.status)),
    ...change("subprotocol", JSON.stringify(chosen), JSON.stringify(upgrade.subprotocol ?? "")),
  ]);
}

/** The same of a status other than 101. */
export function refusalDifference(
  recorded: UpgradeLine,
  line: number,
  status: number,
): Difference | undefined {
  return difference("upgrade", line, change("status", String(recorded.status), String(status)));
}

/**
 * What of the end of a connection is not as recorded; undefined when all is.
 *
 * @param recorded undefined where the recording does not tell of an end
 * @param end how it ended by itself; undefined when it did not
 */
export function closeDifference(
  recorded: CloseLine | undefined,
  line: number | undefined,
  end: SessionEnd | undefined,
): Difference | undefined {
  if (end === undefined) {
    if (recorded?.by !== "server") return undefined;
    return difference("close", line, [
      { path: "code", recorded: String(recorded.code), received: "still open" },
    ]);
  }
  // That it broke is told as a failure.
  if (breakOf(end) !== undefined) return undefined;
  const code = String(end.code);
  const reason = JSON.stringify(end.reason);
  if (recorded === undefined) {
    return difference("close", line, [
      { path: "by", recorded: "nobody", received: "server" },
      { path: "code", received: code },
      ...(end.reason === "" ? [] : [{ path: "reason", received: reason }]),
    ]);
  }
  return difference("close", line, [
    ...change("by", recorded.by, "server"),
    ...change("code", String(recorded.code), code),
    ...change("reason", JSON.stringify(recorded.reason), reason),
  ]);
}

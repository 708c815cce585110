/** Owns closing a connection as the client has closed it in the recording, and writing down how it ended. */
import { isValidCloseCode } from "../frame/close.js";
import type { CloseLine } from "../recording/line.js";
import type { Redactor } from "../recording/redactor.js";
import type { SessionEnd } from "../session/session-events.js";
import type { Leg } from "./leg.js";

/** How a connection has ended that ended otherwise in the recording. */
export type CloseNow = Pick<CloseLine, "by" | "code" | "reason">;

/** The same as it is to be written down. @param end how it ended by itself, if it did */
export function closeNow(end: SessionEnd | undefined, redactor: Redactor | undefined): CloseNow {
  if (end === undefined) return { by: "client", code: 1000, reason: "" };
  return { by: "server", code: end.code, reason: redactor?.reason(end.reason) ?? end.reason };
}

/** So many bytes of a reason a close frame holds (RFC 6455 §5.5.1). */
const longestReason = 123;

/** Closes it; without a frame where there was none then. @param close of the client, if it has closed */
export async function closeAsThen(leg: Leg, close: CloseLine | undefined): Promise<void> {
  if (close?.code === 1006) return;
  const isValid = close !== undefined && isValidCloseCode(close.code);
  const code = close?.code === 1005 ? undefined : isValid ? close.code : 1000;
  await leg.close(code, isValid ? shortReason(close.reason) : "");
}

function shortReason(reason: string): string {
  let short = reason.slice(0, longestReason);
  while (Buffer.byteLength(short) > longestReason) short = short.slice(0, -1);
  return short;
}

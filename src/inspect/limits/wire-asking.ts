/** Owns asking on a connection that is held in hand, so that more can follow on it. */
import { DialError } from "../../dial/dial-error.js";
import { exchange, readBody } from "../../dial/exchange.js";
import { deadlineOf } from "../../dial/open.js";
import type { Wire } from "../../dial/wire.js";
import { newKey } from "../../frame/handshake.js";
import { type RequestHead, serialiseRequest } from "../../frame/http-head.js";
import type { UpgradeRequest, UpgradeResponse } from "../../frame/upgrade.js";
import { type HeadChange, withHeader } from "../handshake/head-change.js";
import type { Subject } from "../subject.js";

/** Milliseconds for which what follows a body is let pass. */
const trailing = 50;

/** The request of the first exchange with a key of its own, changed further. */
export function usualRequest(
  { request }: { readonly request: UpgradeRequest },
  change: HeadChange = (head) => head,
): UpgradeRequest {
  const { method, target, headers } = request;
  const head: RequestHead = { method, target, headers };
  return serialiseRequest(change(withHeader("Sec-WebSocket-Key", newKey())(head)));
}

/**
 * Asks, and reads the head of the answer; its body is what comes next.
 * @param timeout milliseconds
 * @returns what went wrong in place of an answer
 * @throws DialError when the inspection is to end
 */
export async function askOn(
  wire: Wire,
  request: UpgradeRequest,
  { options, signal }: Pick<Subject, "options" | "signal">,
  timeout: number,
): Promise<UpgradeResponse | DialError> {
  const deadline = deadlineOf({ timeouts: { total: timeout }, signal });
  try {
    return (await exchange(wire, request, deadline, options.limits)).response;
  } catch (error) {
    if (error instanceof DialError && error.reason !== "aborted") return error;
    throw error;
  } finally {
    deadline.stop();
  }
}

/** Reads the body of an answer away, so that another request may follow. */
export async function passBody(
  wire: Wire,
  request: UpgradeRequest,
  response: UpgradeResponse,
  { signal }: Pick<Subject, "signal">,
  timeout: number,
): Promise<void> {
  const deadline = deadlineOf({ timeouts: { total: timeout }, signal });
  await readBody(wire, request, response, deadline, timeout);
  deadline.stop();
  await untilGone(wire, trailing, signal);
}

/** Waits until the connection is gone, and lets pass what comes. @returns whether it is */
function untilGone(wire: Wire, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      wire.receive(undefined);
      wire.onClose = undefined;
      resolve(wire.closed);
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
    wire.onClose = finish;
    wire.receive(() => {});
    if (signal.aborted) finish();
  });
}

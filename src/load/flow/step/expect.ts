/** Owns holding a message against an expectation, on behalf of a user. */
import type { Request } from "../correlate/request.js";
import type { Expectation } from "../expectation.js";
import type { Incoming } from "../incoming.js";
import type { User } from "../user.js";
import { capture } from "./capture.js";

/**
 * Counts whether a message is what was expected, and takes out what is to be captured.
 * @returns whether it is
 */
export function hold(user: User, expectation: Expectation, incoming: Incoming): boolean {
  const { matcher, tally } = expectation;
  const { view } = incoming;
  if (matcher.test(view)) {
    tally.pass();
    if (user.traces) user.trace("matched", "");
    capture(user, expectation.captures, view, tally.place);
    return true;
  }
  // A step that follows may look at it, be it what was expected or not.
  if (user.role.keepsLast) user.last = incoming.copy();
  const why = tally.wantsExample || user.traces ? matcher.explain(view) : undefined;
  tally.fail(why ?? "");
  if (user.traces) user.trace("failed", why ?? "");
  return false;
}

/** Holds a reply against what its send expects, though nothing waits for it. */
export function holdAside(
  user: User,
  expectation: Expectation,
  request: Request,
  incoming: Incoming,
  now: number,
): void {
  const took = now - request.written;
  if (took <= expectation.within) hold(user, expectation, incoming);
  else expectation.tally.fail(`the reply took ${Math.round(took)} ms`);
}

/**
 * Looks whether a message is the one that a step waits for; one that is not is no failure.
 * @returns whether it is
 */
export function seek(user: User, expectation: Expectation, incoming: Incoming): boolean {
  const { matcher, tally } = expectation;
  const { view } = incoming;
  if (!matcher.test(view)) {
    if (tally.wantsExample) user.cursor.note = matcher.explain(view);
    return false;
  }
  tally.pass();
  if (user.traces) user.trace("matched", "");
  capture(user, expectation.captures, view, tally.place);
  return true;
}

/** Counts that nothing came in time. */
export function miss(user: User, { tally, within }: Expectation): void {
  const { note } = user.cursor;
  const last = note === undefined ? "" : `; of the last message that did come: ${note}`;
  const why = `no message matched within ${Math.round(within)} ms${last}`;
  tally.fail(why);
  if (user.traces) user.trace("failed", why);
}

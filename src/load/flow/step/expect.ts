/** Owns holding a message against an expectation, on behalf of a user. */
import type { Hide } from "../../../message/match/check.js";
import type { Request } from "../correlate/request.js";
import type { Expectation } from "../expectation.js";
import type { Incoming } from "../incoming.js";
import type { User } from "../user.js";
import { capture } from "./capture.js";

/** So much is kept of a message that was not waited for, in bytes: every user may hold one. */
const mostKept = 16 * 1024;

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
  user.tether.course.resubscribed("failed");
  // A step that follows may look at it, be it what was expected or not.
  if (user.role.keepsLast) user.last = incoming.copy();
  tally.fail(
    tally.wantsExample ? user.quote((hide) => matcher.explain(view, hide) ?? "", view) : "",
  );
  if (user.traces) user.trace("failed", `${matcher.explain(view) ?? ""}${tally.followedBy}`);
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
    if (tally.wantsExample || user.traces) {
      user.cursor.other = incoming.copy(mostKept);
      user.cursor.otherSize = incoming.size;
    }
    return false;
  }
  tally.pass();
  if (user.traces) user.trace("matched", "");
  capture(user, expectation.captures, view, tally.place);
  return true;
}

/** Counts that nothing came in time. */
export function miss(user: User, { matcher, tally, within }: Expectation): void {
  const { other, otherSize } = user.cursor;
  const missed = `no message matched within ${Math.round(within)} ms`;
  const said = (hide?: Hide): string => {
    if (!other) return missed;
    // What is left of it is another message, which nobody asked about.
    const why =
      otherSize > other.bytes.length
        ? `${otherSize} bytes are too many to say why not`
        : matcher.explain(other, hide);
    return why === undefined ? missed : `${missed}; of the last message that did come: ${why}`;
  };
  user.tether.course.resubscribed("failed");
  tally.fail(tally.wantsExample && other ? user.quote(said, other) : missed);
  if (user.traces) user.trace("failed", `${said()}${tally.followedBy}`);
}

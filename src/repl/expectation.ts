/** Owns waiting for a message, as /wait and /expect do. */
import { WsctlError } from "../base/errors.js";
import { formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { parseMatchExpression } from "../message/match-expression.js";
import { type Command, firstDuration, misused } from "./command.js";
import type { Desk } from "./desk.js";
import { stoppedBy } from "./stoppable.js";

const patience = 10_000;

/**
 * Waits for what the arguments `[TIMEOUT] EXPR` say, and tells of it.
 *
 * @throws WsctlError WSCTL_EWAIT when it did not come in time, WSCTL_EEXPECT when the connection ended
 *   before, WSCTL_EABORTED when the person stopped waiting; WSCTL_EUSAGE
 */
export async function awaitMessage(
  command: Command,
  { rules, link, feed, ink }: Desk,
  rest: string,
  signal: AbortSignal,
): Promise<void> {
  const [timeout = patience, expression] = firstDuration(command, rest);
  if (expression === "") {
    throw misused(command, "what for?", "a text that looks like a time is written text:5s");
  }
  const matcher = parseMatchExpression(expression);
  const over = new AbortController();
  const what = safeLine(expression, 80);
  let why: WsctlError | undefined;
  const stop =
    (code: "WSCTL_EWAIT" | "WSCTL_EEXPECT" | "WSCTL_EABORTED", message: string) => () => {
      why ??= new WsctlError(code, message);
      over.abort();
    };
  const stopped = stop("WSCTL_EABORTED", `no longer waiting for ${what}`);
  const timer = setTimeout(
    stop("WSCTL_EWAIT", `nothing that matches ${what} came within ${formatDuration(timeout)}`),
    timeout,
  );
  const unwatch = link.watch(stop("WSCTL_EEXPECT", `the connection ended before ${what} came`));
  try {
    const found = await stoppedBy(signal, stopped, () => rules.wait(matcher, over.signal));
    if (!found) throw why ?? new WsctlError("WSCTL_EABORTED", `no longer waiting for ${what}`);
    feed.say(`${ink.chalk.green("✓")} #${found.number} matches ${what}`);
  } finally {
    clearTimeout(timer);
    unwatch();
  }
}

/** Owns waiting for a message, as /wait and /expect do. */
import { WsctlError } from "../base/errors.js";
import { formatDuration, parseDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { parseMatchExpression } from "../message/match-expression.js";
import { type Command, misused } from "./command.js";
import type { Desk } from "./desk.js";

const patience = 10_000;

/**
 * Waits for what the arguments `[TIMEOUT] EXPR` say, and tells of it.
 *
 * @throws WsctlError WSCTL_ETIMEOUT when it did not come in time, WSCTL_EABORTED when the person
 *   stopped waiting or the connection ended; WSCTL_EUSAGE
 */
export async function awaitMessage(
  command: Command,
  { rules, link, feed, ink }: Desk,
  rest: string,
  signal: AbortSignal,
): Promise<void> {
  const [, limit, expression = ""] =
    /^(?:(\d[\d.]*(?:us|µs|ms|s|m|min|h))\s+)?([\s\S]*)$/.exec(rest) ?? [];
  if (expression === "") throw misused(command, "what for?");
  const timeout = limit === undefined ? patience : parseDuration(limit);
  const matcher = parseMatchExpression(expression);
  const over = new AbortController();
  const { session } = link;
  let why: WsctlError | undefined;
  const stop = (code: "WSCTL_ETIMEOUT" | "WSCTL_EABORTED", message: string) => () => {
    why ??= new WsctlError(code, message);
    over.abort();
  };
  const what = safeLine(expression, 80);
  const late = stop(
    "WSCTL_ETIMEOUT",
    `nothing that matches ${what} came within ${formatDuration(timeout)}`,
  );
  const ended = stop("WSCTL_EABORTED", `the connection ended before ${what} came`);
  const stopped = stop("WSCTL_EABORTED", `no longer waiting for ${what}`);
  const timer = setTimeout(late, timeout);
  session.once("end", ended);
  signal.addEventListener("abort", stopped, { once: true });
  try {
    const found = await rules.wait(matcher, over.signal);
    if (!found) throw why ?? new WsctlError("WSCTL_EABORTED", `no longer waiting for ${what}`);
    feed.say(`${ink.chalk.green("✓")} #${found.number} matches ${what}`);
  } finally {
    clearTimeout(timer);
    session.off("end", ended);
    signal.removeEventListener("abort", stopped);
  }
}

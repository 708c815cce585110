/** Owns how one thing that happened to a server reads on a terminal, all of it made harmless. */
import { formatCount, formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { type Ink, warn } from "../../report/ink.js";
import type { ServeEvent } from "../../serve/events.js";

/** So many characters of a message are shown, or half as many bytes. */
const shownPayload = 100;
/** A character takes at most so many bytes. */
const bytesPerCharacter = 4;

/** The event in one line. */
export function eventLine(event: ServeEvent, { chalk }: Ink): string {
  if (event.event === "message") {
    const { direction, connection, data } = event;
    const arrow = direction === "in" ? chalk.cyan("← in ") : chalk.magenta("→ out");
    return `${arrow}    #${connection} ${formatCount(data.length)} B  ${shown(event)}`;
  }
  if (event.event === "close") {
    const { connection, code, reason, lasted } = event;
    const said = reason === "" ? "" : ` “${safeLine(reason)}”`;
    return `${warn({ chalk }, "close")}    #${connection} ${code}${said} after ${formatDuration(lasted)}`;
  }
  if (event.event === "failed") {
    return `${chalk.red("failed")}   #${event.connection} ${safeLine(event.error)}`;
  }
  if (event.event === "backplane") return backplaneLine(event, { chalk });
  if (event.event === "skipped") {
    return `${warn({ chalk }, "skipped")}  ${formatCount(event.count)} events, too many to show`;
  }
  const { remote, path, origin } = event;
  const where = `${remote} ${safeLine(path)}${origin === undefined ? "" : ` from ${safeLine(origin)}`}`;
  return event.event === "open"
    ? `${chalk.green("open")}     #${event.connection} ${where}`
    : `${chalk.red("refused")}  ${event.status} ${where}: ${safeLine(event.error)}`;
}

/** How a node fares with its Redis, in one line. */
export function backplaneLine(
  { state, node, redis, why = "", away, undelivered }: Extract<ServeEvent, { event: "backplane" }>,
  { chalk }: Pick<Ink, "chalk">,
): string {
  const where = `${safeLine(node)} at ${safeLine(redis)}`;
  if (state === "away") return `${chalk.red("redis away")}  ${where}: ${safeLine(why)}`;
  if (state === "refused") return `${chalk.red("redis refuses")}  ${where}: ${safeLine(why)}`;
  if (away === undefined) return `${chalk.green("redis")}    ${where}`;
  const lost = `${formatCount(undelivered ?? 0)} messages not published`;
  return `${chalk.green("redis back")}  ${where} after ${formatDuration(away)}, ${lost}`;
}

function shown({ data, binary }: Extract<ServeEvent, { event: "message" }>): string {
  if (binary) return data.subarray(0, shownPayload / 2).toString("hex");
  const start = data.subarray(0, shownPayload * bytesPerCharacter).toString("utf8");
  return safeLine(start, shownPayload);
}

/** Owns /capture. */
import { setImmediate as breath } from "node:timers/promises";
import { safeLine } from "../../base/safe-text.js";
import { compileCapture } from "../../message/capture.js";
import type { JsonValue } from "../../message/json.js";
import { type Command, firstWord, misused } from "../command.js";
import type { Desk } from "../desk.js";
import { type NamedCapture, viewOf } from "../rules.js";

const mostCaptures = 50;

/** Milliseconds of looking back before keys have their turn. */
const slice = 8;

/** The capture that an expression stands for. @throws WsctlError WSCTL_EUSAGE */
function captureOf(name: string, source: string): NamedCapture {
  const [, regex] = /^\/(.*)\/$/s.exec(source) ?? [];
  const hasGroup = regex !== undefined && /(?<!\\)\((?!\?[^P<])/.test(regex);
  const found = compileCapture(
    regex === undefined
      ? { json: source, as: name }
      : { matches: regex, group: hasGroup ? 1 : 0, as: name },
  );
  return { ...found, source };
}

/** What the newest message has for it that is kept, and that message's number. */
async function newestValue(
  { log, rules }: Desk,
  capture: NamedCapture,
  signal: AbortSignal,
): Promise<readonly [value: JsonValue, number: number] | undefined> {
  let begun = performance.now();
  for (let number = log.last; number >= log.first; number--) {
    const entry = log.get(number);
    const view = entry?.direction === "in" ? viewOf(entry, entry.data) : undefined;
    const value = view && capture.read(view);
    if (value !== undefined) return [value, number];
    if (performance.now() - begun < slice) continue;
    await breath();
    begun = performance.now();
    if (signal.aborted || rules.captures.get(capture.name) !== capture) return undefined;
  }
  return undefined;
}

/** `/capture NAME EXPR` */
export const capture: Command = {
  name: "capture",
  takes: "NAME $.PATH|/REGEX/|off",
  summary:
    "take a value out of each message that comes in, the last one kept first, for {{ NAME }}",
  run: async (desk, rest, signal) => {
    const { rules, variables, log, feed, ink } = desk;
    const say = (text: string) => feed.say(ink.chalk.dim(`· ${text}`));
    const [name, source] = firstWord(rest);
    if (source === "") throw misused(capture, "it takes a name, and where the value is found");
    if (source === "off") {
      rules.captures.delete(name);
      say(`${safeLine(name)} is not captured any more`);
      return;
    }
    const found = captureOf(name, source);
    if (rules.captures.size >= mostCaptures) throw misused(capture, "there are too many captures");
    rules.captures.set(name, found);
    say(`${name} is captured by ${safeLine(source)}`);
    const { last } = log;
    const value = variables.values.get(name);
    const kept = await newestValue(desk, found, signal);
    // What has come meanwhile is newer.
    if (!kept || (log.last > last && variables.values.get(name) !== value)) return;
    variables.set(name, kept[0]);
    say(`${name} = ${safeLine(JSON.stringify(kept[0]))}, from #${kept[1]}`);
  },
};

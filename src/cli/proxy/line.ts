/** Owns how one thing that happened at a proxy reads on a terminal, all of it made harmless. */
import { isUtf8 } from "node:buffer";
import type { ChalkInstance } from "chalk";
import { formatDuration, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { describeCloseCode, parseClosePayload } from "../../frame/close.js";
import { isControl, Opcode } from "../../frame/opcode.js";
import type { MessageEvent, ProxyEvent } from "../../proxy/events.js";
import type { Instead } from "../../proxy/interference.js";
import { jsonLine, jsonLines, type JsonStyle } from "../../repl/render/json.js";
import { jsonTree } from "../../repl/render/json-tree.js";
import { type Ink, warn } from "../../report/ink.js";

/** Everything that happened but messages. */
type Happening = Exclude<ProxyEvent, MessageEvent>;

/** How much of a message is shown. */
const mostLines = 24;
const longestString = 400;
/** Bytes that are written as digits, two each. */
const shownBytes = 32;
/** A character takes at most so many bytes. */
const bytesPerCharacter = 4;
const indent = "    ";
/** Columns for what a rule did, and for the size of what it sent. */
const leftOfInstead = 48;

/** Colours that tell connections apart. */
const colours = ["cyan", "magenta", "green", "blueBright"] as const;

/** The number of a connection, always in the same colour. */
function label(connection: number, chalk: ChalkInstance): string {
  return chalk[colours[(connection - 1) % colours.length]!](`#${connection}`);
}

const arrows = { out: "→", in: "←" };

/** Bytes of a message that are looked at to show it. */
export const looked = 64 * 1024;

/**
 * A message: `#3 → {"op":"join"}  31 B  1.2 ms`.
 * @param data its first {@link looked} bytes
 * @param pause milliseconds since the message before it on that connection
 * @param isPretty whether JSON is indented
 */
export function messageLine(
  event: MessageEvent,
  data: Buffer | undefined,
  pause: number | undefined,
  ink: Ink,
  isPretty: boolean,
): string {
  const { connection, direction, size, binary } = event;
  const { chalk, width } = ink;
  const waited = pause === undefined ? "" : `  ${formatDuration(pause)}`;
  const facts = `  ${formatSize(size)}${waited}`;
  const room = Math.max(20, width - facts.length - String(connection).length - 4);
  const isWhole = data !== undefined && data.length === size;
  const { head, lines } = bodyOf(data, binary, isWhole && isPretty, room, ink);
  const first = `${label(connection, chalk)} ${arrows[direction]} ${head}${chalk.dim(facts)}`;
  return [first, ...lines.map((line) => indent + line)].join("\n");
}

interface Body {
  readonly head: string;
  readonly lines: readonly string[];
}

function bodyOf(
  data: Buffer | undefined,
  binary: boolean,
  isPretty: boolean,
  room: number,
  ink: Ink,
): Body {
  const { chalk, width } = ink;
  if (data === undefined) return { head: chalk.dim("(not kept)"), lines: [] };
  if (data.length === 0) return { head: chalk.dim("(empty)"), lines: [] };
  if (binary) return { head: chalk.dim("binary ") + hexOf(data), lines: [] };
  const tree = isPretty && isUtf8(data) ? jsonTree(data.toString("utf8")) : undefined;
  if (tree) {
    const style: JsonStyle = { chalk, width: room, mostLines, longestString, raw: false };
    // What holds nothing has nothing to indent.
    const isBare = typeof tree === "string" || tree.items.length === 0;
    const flat = isBare ? jsonLine(tree, style) : undefined;
    if (flat !== undefined) return { head: flat, lines: [] };
    const open = { ...style, width: width - indent.length, isOpen: true };
    const { lines, cut } = jsonLines(tree, open);
    return { head: chalk.dim("JSON"), lines: cut ? [...lines, chalk.dim("…")] : lines };
  }
  const text = data.subarray(0, room * bytesPerCharacter).toString("utf8");
  return { head: safeLine(text, room), lines: [] };
}

function hexOf(data: Buffer): string {
  const digits = data
    .subarray(0, shownBytes)
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
  return data.length > shownBytes ? `${digits} …` : digits;
}

/** Anything else, in one line. */
export function eventLine(event: Happening, ink: Ink): string {
  const { chalk } = ink;
  switch (event.event) {
    case "open":
      return openLine(event, ink);
    case "refused": {
      const { connection, by, status, error, remote, target } = event;
      const who = by === "server" ? "refused by the server" : "failed";
      const what = chalk.red(`${who}: ${status} ${safeLine(error)}`);
      return `${label(connection, chalk)} ${what} ${chalk.dim(`${remote} to ${safeLine(target)}`)}`;
    }
    case "control": {
      const { connection, direction, opcode, data } = event;
      const what = chalk.dim(controlWords(opcode, data));
      return `${label(connection, chalk)} ${arrows[direction]} ${what}`;
    }
    case "close": {
      const { connection, by, code, reason, lasted } = event;
      const who = by === "nobody" ? "lost" : `closed by the ${by}`;
      if (by === "proxy" && code === 1006) {
        const what = chalk.cyan("ended by the proxy");
        return `${label(connection, chalk)} ${what} ${chalk.dim(`after ${formatDuration(lasted)}`)}`;
      }
      const isNormal = code === 1000 || code === 1001 || code === 1005;
      const what = `${who}: ${code}${reason === "" ? "" : ` "${safeLine(reason)}"`}`;
      const after = chalk.dim(`${describeCloseCode(code)}, after ${formatDuration(lasted)}`);
      return `${label(connection, chalk)} ${isNormal ? chalk.cyan(what) : chalk.red(what)} ${after}`;
    }
    case "request": {
      const { method, target, status, took } = event;
      return chalk.dim(`${safeLine(`${method} ${target}`)}  ${status}  ${formatDuration(took)}`);
    }
    case "tunnel":
      return chalk.dim(`tunnel to ${safeLine(event.host)}, not looked into: ${event.why}`);
    case "note": {
      const { connection, text, instead } = event;
      const whose = connection === undefined ? "" : `${label(connection, chalk)} `;
      const note = `${whose}${warn(ink, safeLine(text, 400))}`;
      return instead ? `${note}${chalk.dim(", sent instead:")} ${insteadOf(instead, ink)}` : note;
    }
    default:
      return event satisfies never;
  }
}

/** What went on in the place of the message above, as far as a line has room for it. */
function insteadOf({ opcode, payload }: Instead, ink: Ink): string {
  const { chalk, width } = ink;
  if (isControl(opcode)) return controlWords(opcode, payload);
  const isBinary = opcode === Opcode.binary;
  const { head } = bodyOf(payload, isBinary, false, Math.max(20, width - leftOfInstead), ink);
  return `${head}${chalk.dim(`  ${formatSize(payload.length)}`)}`;
}

function openLine(event: Extract<ProxyEvent, { event: "open" }>, { chalk }: Ink): string {
  const { connection, remote, target, origin, subprotocol, extensions, phases, recording } = event;
  const took = Object.values(phases).reduce((sum: number, ms: number) => sum + ms, 0);
  const facts = [
    `${remote} to ${safeLine(target)}`,
    ...(origin === undefined ? [] : [`from ${safeLine(origin, 80)}`]),
    ...(subprotocol === undefined ? [] : [safeLine(subprotocol, 80)]),
    ...(extensions === undefined ? [] : [safeLine(extensions, 80)]),
    formatDuration(took),
    ...(recording === undefined ? [] : [safeLine(recording)]),
  ];
  return `${label(connection, chalk)} ${chalk.green("open")} ${chalk.dim(facts.join("  "))}`;
}

function controlWords(opcode: number, data: Buffer): string {
  if (opcode !== Opcode.close) {
    const name = opcode === Opcode.ping ? "ping" : "pong";
    return data.length === 0 ? name : `${name} ${hexOf(data)}`;
  }
  try {
    const { code, reason } = parseClosePayload(data, 0, data.length);
    return `close ${code}${reason === "" ? "" : ` "${safeLine(reason)}"`}`;
  } catch {
    return `close ${hexOf(data)}`;
  }
}

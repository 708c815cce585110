/**
 * Owns how a fault is written.
 *
 *     spec        = name [ "=" value ] *( "," option )
 *     option      = "p=" probability | "at=" moment | "every=" moment | "for=" moment | "count=" count
 *     probability = number "%" | number        ; 1% or 0.01
 *     moment      = duration | count           ; 10s on the clock, or the 100th opportunity
 *     duration    = number unit                ; 250ms, 10s, 5m
 *
 * The clock starts when the fault is added. A bare number counts opportunities: messages (or pongs)
 * on the connection; for faults of the handshake connections, for those of its end closes, over all
 * of them. `at` alone fires once on each connection that is there, with `p` from then on; `every`
 * repeats; `for` makes it every opportunity for so long from each such moment on, or from the
 * beginning; `count` caps the firings of all connections together. A value cannot hold a comma.
 */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { parseCount, parseDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { Moment, Schedule } from "./trigger.js";

/** A spec taken apart; whether there is such a fault is not asked yet. */
export interface FaultSpec {
  readonly name: string;
  readonly value: string | undefined;
  readonly schedule: Schedule;
}

const optionNames = ["p", "at", "every", "for", "count"] as const;
type OptionName = (typeof optionNames)[number];

function refuse(what: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", what, { hint });
}

function parseProbability(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text);
  const p = match ? Number(match[1]) / (match[2] === "%" ? 100 : 1) : Number.NaN;
  if (p >= 0 && p <= 1) return p;
  return refuse(`p=${safeLine(text)} is not a probability`, "write it like 1% or 0.01");
}

function parsePositive(name: OptionName, text: string): number {
  const count = parseCount(text);
  if (count >= 1) return count;
  return refuse(`${name}=${safeLine(text)} never comes`, `${name} counts from 1`);
}

function parseMoment(name: "at" | "every" | "for", text: string): Moment {
  if (/^[\d.]+[kKM]?$/.test(text)) {
    return { unit: "opportunities", amount: parsePositive(name, text) };
  }
  const amount = parseDuration(text);
  if (amount === 0 && name === "every") refuse("every=0 has no end", "write it like every=30s");
  if (amount === 0 && name === "for") refuse("for=0 is over at once", "write it like for=5s");
  return { unit: "ms", amount };
}

function isOption(name: string): name is OptionName {
  return optionNames.some((each) => each === name);
}

/** `key=value`, cut at the first sign; the value is undefined without one. */
function cut(text: string): [key: string, value: string | undefined] {
  const sign = text.indexOf("=");
  if (sign < 0) return [text.trim(), undefined];
  return [text.slice(0, sign).trim(), text.slice(sign + 1).trim()];
}

/**
 * Takes a spec apart.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseSpec(text: string): FaultSpec {
  const [first = "", ...rest] = text.split(",");
  const [name, value] = cut(first);
  if (name === "") refuse("a fault needs a name", "write it like drop,p=1%");
  const schedule: { -readonly [Key in keyof Schedule]: Schedule[Key] } = {};
  for (const part of rest) {
    const [option, setting] = cut(part);
    if (!isOption(option)) {
      const guess = nearest(option, optionNames);
      refuse(
        `"${safeLine(option, 60)}" is no option of a fault`,
        guess ? `did you mean ${guess}=?` : `the options are ${optionNames.join(", ")}`,
      );
    }
    if (setting === undefined || setting === "") {
      refuse(`${option} needs a value`, "write it like p=1%, at=10s, every=100, for=5s or count=5");
    }
    if (schedule[option] !== undefined) refuse(`${option} is given twice`, "give it once");
    if (option === "p") schedule.p = parseProbability(setting);
    else if (option === "count") schedule.count = parsePositive("count", setting);
    else schedule[option] = parseMoment(option, setting);
  }
  if (schedule.for && !schedule.at && !schedule.every) {
    const { unit } = schedule.for;
    schedule.at = { unit, amount: unit === "ms" ? 0 : 1 };
  }
  return { name, value, schedule };
}

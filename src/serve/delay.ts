/** Owns how long a reply is held back: the distributions that `--delay` can name. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { parseDuration } from "../base/quantity.js";
import type { Random } from "../base/random.js";
import { safeLine } from "../base/safe-text.js";

/*
 * delay       = duration / name "=" argument *( "," argument )
 *             / "uniform=" duration ".." duration      ; both ends included
 * name        = "fixed"        ; the delay; a duration alone means the same
 *             / "normal"       ; mean, standard deviation; what would be negative is 0
 *             / "lognormal"    ; median, 99th percentile
 *             / "exponential"  ; mean
 *             / "bimodal"      ; usual delay, rare delay, share of the rare one
 * argument    = duration / share
 * duration    = NUMBER UNIT                            ; 5ms, 1.5s; 0 needs no unit
 * share       = NUMBER "%"                             ; 0% to 100%
 */

/** Draws the next delay, in ms: finite, not negative, an hour at most. */
export type Delay = (random: Random) => number;

/** Longer delays are no test of anything, and a timer cannot hold much longer ones. */
const longest = 3_600_000;

/** The 99th percentile of the standard normal distribution. */
const z99 = 2.326_347_874_040_841;

interface Distribution {
  readonly example: string;
  readonly build: (argument: string) => Delay;
}

const distributions: ReadonlyMap<string, Distribution> = new Map([
  ["fixed", { example: "fixed=5ms", build: fixed }],
  ["uniform", { example: "uniform=1ms..10ms", build: uniform }],
  ["normal", { example: "normal=20ms,5ms", build: normal }],
  ["lognormal", { example: "lognormal=20ms,200ms", build: lognormal }],
  ["exponential", { example: "exponential=20ms", build: exponential }],
  ["bimodal", { example: "bimodal=5ms,200ms,10%", build: bimodal }],
]);

/**
 * Reads a delay; see the grammar above. Each draw takes the same number of random numbers, so that
 * the n-th delay of a connection depends on its seed and n alone.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseDelay(text: string): Delay {
  const [, name, argument = ""] = /^\s*([a-z]+)\s*=(.*)$/s.exec(text) ?? [];
  if (name === undefined) return fixed(text);
  const distribution = distributions.get(name);
  if (!distribution) {
    const guess = nearest(name, distributions.keys());
    throw new WsctlError("WSCTL_EUSAGE", `there is no distribution "${safeLine(name, 40)}"`, {
      hint: guess
        ? `did you mean ${distributions.get(guess)!.example}?`
        : `there are ${[...distributions.values()].map(({ example }) => example).join(", ")}`,
    });
  }
  return distribution.build(argument);
}

function fixed(text: string): Delay {
  const delay = duration(text);
  return () => delay;
}

function uniform(text: string): Delay {
  const [low, high] = split(text, "..", 2, "uniform").map(duration) as [number, number];
  if (low > high) throw refuse(`"${safeLine(text, 40)}" ends before it begins`, "uniform");
  return (random) => low + random.float() * (high - low);
}

function normal(text: string): Delay {
  const [mean, deviation] = split(text, ",", 2, "normal").map(duration) as [number, number];
  return (random) => within(mean + deviation * gauss(random));
}

function lognormal(text: string): Delay {
  const [median, high] = split(text, ",", 2, "lognormal").map(duration) as [number, number];
  if (median === 0 || high < median) {
    throw refuse("the median is above 0, and the 99th percentile is not below it", "lognormal");
  }
  const sigma = Math.log(high / median) / z99;
  return (random) => within(median * Math.exp(sigma * gauss(random)));
}

function exponential(text: string): Delay {
  const mean = duration(text);
  return (random) => within(-mean * Math.log(1 - random.float()));
}

function bimodal(text: string): Delay {
  const [usually, rarely, part] = split(text, ",", 3, "bimodal") as [string, string, string];
  const [usual, rare, chance] = [duration(usually), duration(rarely), share(part)];
  return (random) => (random.float() < chance ? rare : usual);
}

/** A draw from the standard normal distribution (Box and Muller, 1958). */
function gauss(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
  return radius * Math.cos(2 * Math.PI * random.float());
}

function within(delay: number): number {
  return Math.min(longest, Math.max(0, delay));
}

function duration(text: string): number {
  const value = parseDuration(text);
  if (value <= longest) return value;
  throw new WsctlError("WSCTL_EUSAGE", `${text.trim()} is too long a delay`, {
    hint: "the longest is 1h",
  });
}

function share(text: string): number {
  const [, digits] = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text) ?? [];
  const value = Number(digits);
  if (digits === undefined || value > 100) {
    throw refuse(`"${safeLine(text, 40)}" is not a share of 0% to 100%`, "bimodal");
  }
  return value / 100;
}

function split(text: string, separator: string, count: number, name: string): string[] {
  const parts = text.split(separator);
  if (parts.length === count) return parts;
  throw refuse(`${name} takes ${count} values with "${separator}" between them`, name);
}

function refuse(what: string, name: string): WsctlError {
  const example = distributions.get(name)?.example;
  return new WsctlError("WSCTL_EUSAGE", what, { hint: `write it like ${example}` });
}

/** Owns the shapes of load that a new scenario can have, one entry each. */
import { parseCount, parseDuration, parseRate } from "../../base/quantity.js";
import type { Answers } from "./answers.js";

/** One shape. */
export interface Shape {
  /** For a list to choose from. */
  readonly title: string;
  /** Whether its users come, do their work once and go. */
  readonly comeAndGo: boolean;
  /** The lines below `load:`, not indented. */
  lines(answers: Answers): string[];
}

const shapesByName = {
  constant: {
    title: "constant: all users from beginning to end",
    comeAndGo: false,
    lines: ({ connections, duration }) => [
      `connections: ${parseCount(connections)}             # users; each has a connection of its own`,
      `duration: ${duration}`,
    ],
  },
  ramp: {
    title: "ramp: up, hold, and down again",
    comeAndGo: false,
    lines: ({ connections, duration }) => {
      const [up, hold, down] = parts(duration, [0.2, 0.6, 0.2]);
      const users = parseCount(connections);
      return [
        "stages:                     # straight lines, from 0 to the figure at each stage's end",
        `  - { name: up, duration: ${up}, connections: ${users} }`,
        `  - { name: hold, duration: ${hold}, connections: ${users} }`,
        `  - { name: down, duration: ${down}, connections: 0 }`,
      ];
    },
  },
  arrivals: {
    title: "arrivals: so many new users per second, who do their work and go",
    comeAndGo: true,
    lines: ({ connections, duration, arrivalRate }) => {
      const [up, steady] = parts(duration, [0.2, 0.8]);
      return [
        "stages:                     # new users per second, however many are there already",
        `  - { name: up, duration: ${up}, arrivalRate: ${perSecond(parseRate(arrivalRate) / 10)}, rampTo: ${arrivalRate} }`,
        `  - { name: steady, duration: ${steady}, arrivalRate: ${arrivalRate} }`,
        `maxConnections: ${parseCount(connections)}          # who comes when so many are there is turned away, and counted`,
      ];
    },
  },
} as const satisfies Readonly<Record<string, Shape>>;

/** The shapes by name. */
export const shapes: Readonly<Record<ShapeName, Shape>> = shapesByName;

/** The name of a shape. */
export type ShapeName = keyof typeof shapesByName;

/** A duration cut in parts, in whole seconds where that is exact enough. */
function parts(duration: string, shares: readonly number[]): string[] {
  const whole = parseDuration(duration);
  const unit = whole >= 10_000 ? 1000 : 1;
  let left = whole;
  return shares.map((share, index) => {
    const last = index === shares.length - 1;
    const part = last ? left : Math.max(1, Math.round((whole * share) / unit) * unit);
    left -= part;
    if (part % 60_000 === 0) return `${part / 60_000}m`;
    return part % 1000 === 0 ? `${part / 1000}s` : `${Math.round(part)}ms`;
  });
}

function perSecond(rate: number): string {
  return `${Number(rate.toPrecision(2))}/s`;
}

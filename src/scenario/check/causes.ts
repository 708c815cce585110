/** Owns what may be to blame when something is missing: parts of a document that were cut out. */
import type { YamlPath } from "../../base/yaml-source.js";
import { mentions, touches, type Cut } from "../mistake.js";

/** What was cut out may have been a scenario, or the name of one. */
export function isScenario({ path }: Cut): boolean {
  return path[0] === "scenarios" && (path.length < 3 || (path.length === 3 && path[2] === "name"));
}

/** What was cut out is a step, or a part of one. */
export function isOfFlow({ path }: Cut): boolean {
  return path.includes("flow");
}

/** What was cut out holds a stamp. */
export function heldStamp(cut: Cut): boolean {
  return mentions(cut, (text) => text.includes("$stamp"));
}

/** What was cut out gives the name a value. */
export function boundName(name: string): (cut: Cut) => boolean {
  const [variable] = name.split(".", 1);
  return (cut) => cut.path.at(-1) === variable || mentions(cut, (text) => text === variable);
}

/** What was cut out is at one of the paths, beneath it or around it. */
export function oneOf(...paths: readonly YamlPath[]): (cut: Cut) => boolean {
  return (cut) => paths.some((path) => touches(cut, path));
}

/** The first of several names, for a hint. */
export function someOf(names: Iterable<string>): string {
  const all = [...names];
  return `${all.slice(0, 20).join(", ")}${all.length > 20 ? ", …" : ""}`;
}

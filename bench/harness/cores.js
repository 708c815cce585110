/**
 * Owns who runs where: the target has a core for itself, and clients have the others. Left alone, a
 * scheduler may put whoever is woken beside the one that woke it though another core is idle: then the
 * two wait for each other, and what is measured is that.
 *
 * Cores are what the kernel calls so: where two of them share one piece of hardware, so may the sides.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Whether anybody is told where to run. */
let placing = true;

/** From now on everybody runs wherever the scheduler likes. */
export function forbidPlacing() {
  placing = false;
}

/** The cores that this process may use, from a list as `0-2,5` (proc(5)). */
function allowedCores() {
  const status = readFileSync("/proc/self/status", "latin1");
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] ?? "0";
  return list.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

let found;

/**
 * The cores of either side.
 * @returns {{ target: number[], clients: number[] } | undefined} undefined where there is one core only,
 * no taskset(1), or nobody is to be placed
 */
export function cores() {
  if (!placing) return undefined;
  found ??= { of: split() };
  return found.of;
}

function split() {
  const all = allowedCores();
  if (all.length < 2) return undefined;
  if (spawnSync("taskset", ["--version"], { stdio: "ignore" }).status !== 0) return undefined;
  return { target: all.slice(-1), clients: all.slice(0, -1) };
}

/**
 * The same command, kept to the cores of a side.
 * @template {{ file: string, args: string[] }} T
 * @param {"target" | "clients" | "anywhere"} side
 * @param {T} command
 * @returns {T}
 */
export function placed(side, command) {
  const list = side === "anywhere" ? undefined : cores()?.[side];
  if (list === undefined) return command;
  const { file, args } = command;
  return { ...command, file: "taskset", args: ["--cpu-list", list.join(","), file, ...args] };
}

/** Who runs where, in words. */
export function placesText() {
  const there = cores();
  if (there === undefined) return "target and clients run where the scheduler puts them";
  const list = (numbers) => `core${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`;
  return `target on ${list(there.target)}, clients on ${list(there.clients)} unless a case says otherwise`;
}

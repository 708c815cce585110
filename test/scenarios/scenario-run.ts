/** Owns how tests play the scenarios of the repository, and what a run that passed, or did not, is. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import { parse } from "yaml";
import { parseCount, parseDuration, parseRate } from "../../src/base/quantity.js";
import type { ScenarioDocument } from "../../src/scenario/schema/document.js";
import {
  expectConserved,
  type JsonRun,
  loadJson,
  reasonsOf,
  type Served,
  startServe,
  wrongWith,
} from "../e2e/load-run.js";

/** Where the scenarios are. */
export const scenarioFolder = fileURLToPath(new URL("../../scenarios", import.meta.url));

/** Two runs at a time on a busy machine: much longer than either takes on a quiet one. */
export const patient = { timeout: 60_000 };

/** The file of a scenario. */
export function scenarioFile(name: string): string {
  return path.join(scenarioFolder, `${name}.yaml`);
}

/** For runs that are broken on purpose: replies that will not come are not waited for. */
export const hasty = ["--graceful-stop", "300ms"];

/** Runs the program on a file of the repository, or on another. */
export async function playAt(url: string, name: string, args: readonly string[]): Promise<JsonRun> {
  const file = path.isAbsolute(name) ? name : scenarioFile(name);
  return loadJson([file, url, "-q", ...args], { timeoutMs: 45_000 });
}

const servers = new Map<string, Promise<Served>>();

/** The same against `wsctl serve` with those arguments; runs with the same ones share it. */
export async function play(
  serve: readonly string[],
  name: string,
  args: readonly string[] = [],
): Promise<JsonRun> {
  const key = serve.join(" ");
  const starting = servers.get(key) ?? startServe(serve);
  servers.set(key, starting);
  return playAt((await starting).url, name, args);
}

/**
 * The run is evidence and everything held: thresholds, sums, and every expectation of every step,
 * each of which was met at least once. Pacing is judged apart: it is the machine's, not the file's.
 * @param cut steps in whose midst connections are cut on purpose: they may fail, and so may the share
 * of all checks, of which a small run has few
 */
export function expectPassed(run: JsonRun, cut: readonly string[] = []): void {
  const { result, stderr } = run;
  const failed = failedThresholds(run);
  const serious = cut.length === 0 ? failed : failed.filter((one) => !one.startsWith("checks "));
  expect(serious, stderr).toEqual([]);
  expect(wrongWith(result)).toEqual([]);
  expectConserved(result);
  expect(result.thresholds).not.toEqual([]);
  const { expectations } = result;
  expect(expectations).not.toEqual([]);
  expect(expectations.filter(({ step, failed: no }) => no > 0 && !cut.includes(step))).toEqual([]);
  expect(expectations.filter(({ passed }) => passed === 0)).toEqual([]);
  if (cut.length === 0) expect(result.errors).toEqual([]);
  expectCode(run, failed.length > 0 ? 99 : 0);
}

/** The run is evidence, and what it is evidence of is that these thresholds failed, among others. */
export function expectBroken(run: JsonRun, thresholds: readonly string[]): void {
  const { result } = run;
  expect(failedThresholds(run)).toEqual(expect.arrayContaining([...thresholds]));
  expect(wrongWith(result)).toEqual([]);
  expect(result.conservation).toMatchObject({ difference: 0, connectionsOff: 0 });
  expectCode(run, 99);
}

/** A machine that is too busy to keep the pace makes it 98. */
function expectCode({ code, result }: JsonRun, valid: number): void {
  expect(code).toBe(reasonsOf(result).length === 0 ? valid : 98);
}

/** The thresholds that failed, as `ws_msg_lost count==0`. */
function failedThresholds({ result }: JsonRun): string[] {
  return result.thresholds
    .filter(({ ok }) => !ok)
    .map(({ metric, expression }) => `${metric} ${expression}`);
}

/** How often the expectation of a step failed, and what one of the failures was. */
export function failuresOf({ result }: JsonRun, step: string): [failed: number, example: string] {
  const found = result.expectations.filter((each) => each.step === step);
  expect(found, `no expectation of ${step}`).not.toEqual([]);
  const failed = found.reduce((sum, each) => sum + each.failed, 0);
  return [failed, found.find(({ example }) => example !== undefined)?.example ?? ""];
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** By what the time and the users of a scenario are divided. */
interface Divisors {
  readonly time: number;
  readonly users?: number;
}

type Config = NonNullable<ScenarioDocument["config"]>;

/**
 * A copy of a scenario whose stages, events and waits to reconnect take less time, with fewer users: `-c` and `-d` would
 * put a constant population in the place of its stages. Steps are as they are.
 */
export function smaller(name: string, { time, users = 1 }: Divisors): string {
  const sooner = (duration: string | number): string =>
    `${Math.max(1, Math.round(parseDuration(String(duration)) / time))}ms`;
  const scenario = parse(readFileSync(scenarioFile(name), "utf8")) as ScenarioDocument;
  const { config = {}, events = [] } = scenario;
  shrink(config.load ?? {}, sooner, users);
  const { reconnect } = config;
  for (const key of ["base", "max", "resetAfter"] as const) {
    if (reconnect?.[key] !== undefined) reconnect[key] = sooner(reconnect[key]);
  }
  for (const event of events) {
    for (const key of ["at", "every", "until", "over"] as const) {
      if (event[key] !== undefined) event[key] = sooner(event[key]);
    }
  }
  for (const gate of Object.values(config.thresholds ?? {}).flat()) {
    if (typeof gate === "object" && gate.after !== undefined) gate.after = sooner(gate.after);
  }
  const folder = mkdtempSync(path.join(tmpdir(), "wsctl-gallery-"));
  folders.push(folder);
  cpSync(scenarioFolder, folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(scenario));
  return file;
}

function shrink(
  load: NonNullable<Config["load"]>,
  sooner: (duration: string | number) => string,
  users: number,
): void {
  const fewer = (count: string | number): number => Math.ceil(parseCount(String(count)) / users);
  const rarer = (rate: string | number): number => parseRate(String(rate)) / users;
  for (const part of [load, ...(load.stages ?? [])]) {
    if (part.duration !== undefined) part.duration = sooner(part.duration);
    if (part.connections !== undefined) part.connections = fewer(part.connections);
  }
  for (const stage of load.stages ?? []) {
    if (stage.arrivalRate !== undefined) stage.arrivalRate = rarer(stage.arrivalRate);
    if (stage.rampTo !== undefined) stage.rampTo = rarer(stage.rampTo);
  }
}

/** Owns how the tests of the program run `wsctl load --json` and read the document it prints. */
import { expect } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import type { Child, ChildExit } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";

/** A finished run and its document. */
export interface JsonRun extends ChildExit {
  readonly result: RunResult;
}

/** What stdout has to hold: one JSON document, ended by a line break, and nothing else. */
export function documentOf({ stdout, stderr }: Pick<ChildExit, "stdout" | "stderr">): RunResult {
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  const result = JSON.parse(stdout) as RunResult;
  expect(result.$schema).toBe("wsctl.run/1");
  return result;
}

/** Runs `wsctl load --json` with these arguments to its end. */
export async function loadJson(
  args: readonly string[],
  options?: Parameters<typeof runWsctl>[1],
): Promise<JsonRun> {
  const exit = await runWsctl(["load", "--json", ...args], options);
  return { ...exit, result: documentOf(exit) };
}

/** A counter or a gauge of the run; 0 when there is none of that name. */
export function total(result: RunResult, key: string): number {
  return result.totals[key] ?? 0;
}

/** Every message that expected a reply has met its fate, on every connection. */
export function expectConserved({ conservation }: RunResult): void {
  const { expected, answered, disconnected, timedOut, inFlight } = conservation;
  expect(answered + disconnected + timedOut + inFlight).toBe(expected);
  expect(conservation).toMatchObject({ difference: 0, connectionsOff: 0 });
}

/** The codes of the reasons why a run is no evidence. */
export function reasonsOf({ validity }: RunResult): string[] {
  return validity.reasons.map(({ code }) => code);
}

/** What is wrong with a run whatever else loads the machine, which may make a pacer late. */
export function wrongWith(result: RunResult): string[] {
  const pacing = new Set(["schedule-lag", "loop-delay", "rate-missed", "cpu-saturated"]);
  return reasonsOf(result).filter((code) => !pacing.has(code));
}

/** A `wsctl serve` of its own. */
export interface Served extends Child {
  readonly url: string;
  readonly control: string;
  /** Its own counters: in all, or of one run. */
  stats(run?: string): Promise<unknown>;
}

/** Starts `wsctl serve --port 0 --json` and waits until it listens. */
export async function startServe(args: readonly string[] = []): Promise<Served> {
  const child = startWsctl(["serve", "--port", "0", "--json", ...args]);
  const line = await child.nextLine(15_000);
  if (line === undefined) throw new Error(`serve did not start: ${child.output.stderr}`);
  const { url, control } = JSON.parse(line) as { url: string; control: string };
  const stats = async (run?: string): Promise<unknown> => {
    const response = await fetch(`${control}/stats${run === undefined ? "" : `?run=${run}`}`);
    expect(response.status).toBe(200);
    return response.json();
  };
  return { ...child, url, control, stats };
}

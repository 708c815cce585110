/** Owns the process of `delay-process.js`, and asking it what it did. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { startChild } from "../support/child.js";

const program = fileURLToPath(new URL("./delay-process.js", import.meta.url));

/** An echo server that knows by how much it held each reply back. */
interface DelayServer extends AsyncDisposable {
  readonly url: string;
  /** By how much, in ms, in the order in which the replies left. */
  log(): Promise<number[]>;
  /** How many replies have left. */
  count(): Promise<number>;
  /** By how much its event loop was late at most, in ms. */
  lag(): Promise<number>;
  /** Freezes it as a whole; resolves with how many ms that took by its own clock. */
  stall(ms: number): Promise<number>;
}

/** Starts one; `delays` names the distribution and its parameters. */
export async function startDelayServer(
  seed: number,
  delays: readonly (string | number)[],
): Promise<DelayServer> {
  const child = startChild(process.execPath, [program, String(seed), ...delays.map(String)]);
  const line = await child.nextLine(15_000);
  if (line === undefined) throw new Error(`it did not start: ${child.output.stderr}`);
  const { port } = JSON.parse(line) as { port: number };
  const ask = async (what: string, method = "GET"): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/${what}`, { method });
    expect(response.status).toBe(200);
    return response.json();
  };
  return {
    url: `ws://127.0.0.1:${port}/`,
    log: async () => (await ask("log")) as number[],
    count: async () => (await ask("count")) as number,
    lag: async () => (await ask("lag")) as number,
    stall: async (ms) => (await ask(`stall/${ms}`, "POST")) as number,
    [Symbol.asyncDispose]: async () => child[Symbol.asyncDispose](),
  };
}

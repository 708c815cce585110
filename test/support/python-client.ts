/** Owns the client of Python's `websockets`, which plays a script against a server of ours. */
import { fileURLToPath } from "node:url";
import { exitWithin, startChild } from "./child.js";

/** Debian's own interpreter: the package is not visible to any other that PATH may find first. */
const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("./python/client.py", import.meta.url));

/** One step of a script; what each means stands in client.py. */
export type PythonStep =
  | { readonly send: unknown }
  | { readonly send_hex: string }
  | { readonly expect: unknown }
  | { readonly expect_hex: string }
  | { readonly until: unknown }
  | { readonly expect_close: number };

/**
 * Plays the steps, once `requirePythonWebsockets` of python-echo.ts is true.
 *
 * @returns the messages that came, in order; binary ones as `{ hex }`
 * @throws Error at the first surprise
 */
export async function playPython(url: string, steps: readonly PythonStep[]): Promise<unknown[]> {
  const child = startChild(python, [script, url, JSON.stringify(steps)]);
  const { code, stdout, stderr } = await exitWithin(child, 15_000);
  if (code !== 0) throw new Error(`${stderr}\nafter:\n${stdout}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

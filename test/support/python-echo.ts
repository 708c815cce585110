/** Owns the echo server of Python's `websockets`: a server that shares no code with ours or `ws`. */
import { fileURLToPath } from "node:url";
import { type Child, startChild } from "./child.js";
import { requireDebian, succeeds } from "./debian.js";

/** Debian's own interpreter: the package is not visible to any other that PATH may find first. */
const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("./python/echo.py", import.meta.url));

/** A Python echo server under way; killed at the end of the test file if not before. */
export interface PythonEcho extends Child {
  /** `ws://127.0.0.1:PORT/`, or `wss://localhost:PORT/` with TLS. */
  readonly url: string;
  readonly port: number;
}

/**
 * Whether Python's `websockets` is usable, as {@link requireDebian} has it: false means skip.
 *
 * @throws Error on CI, where a skip is a failure
 */
export function requirePythonWebsockets(): boolean {
  return requireDebian("python3-websockets", () => succeeds(python, ["-c", "import websockets"]));
}

/**
 * Starts a Python echo server on a free loopback port, once {@link requirePythonWebsockets} is true.
 *
 * @param tls - paths of the certificate and the key to serve wss with
 */
export async function startPythonEcho(tls?: {
  readonly certPath: string;
  readonly keyPath: string;
}): Promise<PythonEcho> {
  const args = tls === undefined ? [] : ["--tls", tls.certPath, tls.keyPath];
  const child = startChild(python, [script, ...args]);
  const line = await child.nextLine();
  if (line === undefined) throw new Error(`echo.py did not start: ${child.output.stderr}`);
  const { port } = JSON.parse(line) as { port: number };
  const url = tls === undefined ? `ws://127.0.0.1:${port}/` : `wss://localhost:${port}/`;
  return { ...child, url, port };
}

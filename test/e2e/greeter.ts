/** Owns a server that greets whoever comes, and runs of `wsctl connect` that wait for its greeting. */
import { expect } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import {
  closeInKind,
  frame,
  onFrames,
  type RawBehaviour,
  type RawServer,
  startRaw,
} from "./raw-server.js";

/** A server that says hello. */
export interface Greeter extends RawServer {
  /** The addresses of its clients so far. */
  readonly callers: readonly (string | undefined)[];
}

/** Starts a server that greets and closes as it should; closed after the test. */
export async function startGreeter(behaviour: RawBehaviour = {}): Promise<Greeter> {
  const callers: (string | undefined)[] = [];
  const server = await startRaw({
    upgraded: (socket) => {
      callers.push(socket.remoteAddress);
      socket.write(frame(1, "hello"));
      onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload));
    },
    ...behaviour,
  });
  return { ...server, callers };
}

/** Runs `wsctl connect` until a greeting has come, which has to be well. */
export async function greeted(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const run = await runWsctl(["connect", ...args, "--count", "1"], { env });
  expect([run.code, run.stdout], run.stderr).toEqual([0, "hello\n"]);
}

/** The lines of a request head but the key, which is never the same. */
export function linesOf(head: string | undefined): string[] {
  return (head ?? "")
    .split("\r\n")
    .filter((line) => line !== "" && !line.startsWith("Sec-WebSocket-Key:"));
}

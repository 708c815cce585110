/**
 * Owns the embedded server: `wsctl serve` in a process of its own on a free loopback port, so that
 * client and server do not share an event loop.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { WsctlError } from "../base/errors.js";
import type { Host } from "./host.js";

/** A server that was started for one command. */
export interface EmbeddedServer {
  readonly url: string;
  /** Ends it and waits until it is gone. */
  close(): Promise<void>;
}

const patience = 10_000;

/**
 * Starts it.
 * @throws WsctlError WSCTL_EWORKER when it does not come up
 */
export async function startEmbedded(host: Host, mode: string): Promise<EmbeddedServer> {
  const [command, script] = host.self;
  const args = [script, "serve", mode, "--port", "0", "--json", "--until-stdin-ends"];
  // A process group of its own: Ctrl-C is for us alone, and it ends when our pipe to it does.
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin.on("error", () => {});
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  const first = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(resolve, patience, undefined);
    const done = (line: string | undefined): void => {
      clearTimeout(timer);
      resolve(line);
    };
    const lines = createInterface({ input: child.stdout });
    lines.once("line", done);
    child.once("error", () => done(undefined));
    child.once("exit", () => done(undefined));
  });
  const url = urlIn(first);
  if (url === undefined) {
    child.kill("SIGKILL");
    throw new WsctlError("WSCTL_EWORKER", "the embedded server did not start", {
      where: stderr.trim().split("\n").slice(-3),
    });
  }
  return {
    url,
    async close() {
      child.stdin.end();
      const late = setTimeout(() => child.kill("SIGKILL"), patience);
      await gone;
      clearTimeout(late);
    },
  };
}

function urlIn(line: string | undefined): string | undefined {
  try {
    const { url } = JSON.parse(line ?? "") as { url?: unknown };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

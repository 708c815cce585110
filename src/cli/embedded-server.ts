/**
 * Owns the embedded server: `wsctl serve` in a process of its own on a free loopback port, so that
 * client and server do not share an event loop.
 */
import { Option } from "@commander-js/extra-typings";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { WsctlError } from "../base/errors.js";
import { ExitCode } from "./exit-codes.js";
import type { Host } from "./host.js";

/** The flag for the rules of a server of the mode script, as `wsctl serve` calls them. */
export function serveScriptOption() {
  return new Option(
    "--serve-script <file>",
    "a server of the mode script, with these rules",
  ).implies({ serve: true, serveMode: "script" });
}

/**
 * The mode that it is to have.
 * @throws WsctlError WSCTL_EUSAGE when the mode and the rules do not go together
 */
export function embeddedMode({ serveMode, serveScript }: EmbeddedFlags): string {
  const mode = serveMode ?? "echo";
  if ((mode === "script") === (serveScript !== undefined)) return mode;
  const message =
    mode === "script"
      ? "the mode script needs a file of rules"
      : `--serve-script cannot be used with --serve-mode ${mode}`;
  throw new WsctlError("WSCTL_EUSAGE", message, { hint: "give it with --serve-script FILE alone" });
}

/** What flags say of it. */
interface EmbeddedFlags {
  readonly serveMode?: string | undefined;
  readonly serveScript?: string | undefined;
}

/** A server that was started for one command. */
export interface EmbeddedServer {
  readonly url: string;
  /** Ends it and waits until it is gone. */
  close(): Promise<void>;
}

const patience = 10_000;
/** So many characters of what it says for itself are kept. */
const mostSaid = 20_000;

/**
 * Starts it.
 * @param rules the file of rules of the mode script
 * @throws WsctlError WSCTL_EUSAGE when it refuses these rules, WSCTL_EWORKER when it does not come up
 */
export async function startEmbedded(
  host: Host,
  mode: string,
  rules?: string,
): Promise<EmbeddedServer> {
  const [command, program] = host.self;
  const args = [program, "serve", mode, "--port", "0", "--json", "--until-stdin-ends"];
  if (rules !== undefined) args.push(`--script=${rules}`);
  // A process group of its own: Ctrl-C is for us alone, and it ends when our pipe to it does.
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve()).once("error", () => resolve());
  });
  child.stdin.on("error", () => {});
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-mostSaid);
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
    await gone;
    if (child.exitCode === ExitCode.usage) throw refusalIn(stderr);
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

/** What the server found wrong with what it was started with, in its own words. */
function refusalIn(stderr: string): WsctlError {
  const [first = "", ...more] = stderr.trimEnd().split("\n");
  const message = first.replace(/^error: /, "").replace(/ +\[WSCTL_\w+\]$/, "");
  const hint = /^hint: (.*)$/.exec(more.at(-1) ?? "")?.[1];
  const where = hint === undefined ? more : more.slice(0, -1);
  return new WsctlError("WSCTL_EUSAGE", message, {
    hint,
    where: where.map((line) => line.replace(/^ {2}/, "")),
  });
}

function urlIn(line: string | undefined): string | undefined {
  try {
    const { url } = JSON.parse(line ?? "") as { url?: unknown };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

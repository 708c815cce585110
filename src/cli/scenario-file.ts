/** Owns scenario files as the command line meets them: what is one, and how it is read. */
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { parseTarget } from "../dial/target.js";
import type { Overrides } from "../scenario/overrides.js";
import type { ReadScenario } from "../scenario/read.js";
import type { Host } from "./host.js";

/** What the command line says beside the file. */
export interface FileOptions {
  readonly overrides: Overrides;
  /** Whether files outside of its folder may be read. */
  readonly allowPaths: boolean;
}

/** Whether an argument names a scenario's file, rather than a URL or a profile. */
export function isScenarioFile(argument: string): boolean {
  if (argument === "-") return true;
  if (argument.startsWith("@") || /^[a-z][a-z+]*:\/\//i.test(argument)) return false;
  if (/^wss?\+unix:/i.test(argument)) return false;
  return /\.(?:ya?ml|json)$/i.test(argument) || isFile(argument);
}

/**
 * Reads a scenario and all files that it names; `-` is stdin.
 * @throws ScenarioMistakes (WSCTL_EUSAGE) with everything that is wrong, each with its place
 */
export async function readScenarioFile(
  host: Host,
  file: string,
  { overrides, allowPaths }: FileOptions,
): Promise<ReadScenario> {
  const text = await textOf(host, file);
  refuseResult(file, text);
  refuseCapture(file, text);
  const folder = file === "-" ? process.cwd() : path.dirname(path.resolve(file));
  const env = new Map(
    Object.entries(host.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  // Its schema takes a while to load, which other commands need not wait for.
  const { readScenario } = await import("../scenario/read.js");
  return readScenario(file === "-" ? "stdin" : file, text, {
    access: { folder, allowPaths },
    env,
    overrides,
    checkTarget: parseTarget,
  });
}

/** No scenario is so large; what is has been named by mistake. */
const largest = 16 * 1024 ** 2;

async function textOf(host: Host, file: string): Promise<string> {
  if (file === "-") {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of host.stdin) {
      const bytes = Buffer.from(chunk as Uint8Array | string);
      size += bytes.length;
      if (size > largest) throw tooLarge("stdin");
      chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
  try {
    if (statSync(file).size > largest) throw tooLarge(file);
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof WsctlError) throw cause;
    const why = messageOf(cause).replace(/, \w+( '.*')?$/s, "");
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${safeLine(file, 100)}: ${safeLine(why)}`, {
      cause,
      hint: "`wsctl scenario init` writes a scenario to begin with",
    });
  }
}

/** A saved result is JSON as well, and every key of it would be a mistake. */
function refuseResult(file: string, text: string): void {
  const [, what] = /^\s*\{\s*"\$schema"\s*:\s*"wsctl\.(\w+)\//.exec(text) ?? [];
  if (what === undefined) return;
  throw new WsctlError(
    "WSCTL_EUSAGE",
    `${safeLine(file, 100)} is no scenario, but a saved ${what}`,
    {
      hint: "`wsctl report` renders a saved result again, `wsctl compare` sets two side by side",
    },
  );
}

/** So is what a scenario can be made of, or what is packed. */
function refuseCapture(file: string, text: string): void {
  const [, key] = /^\ufeff?\s*\{\s*"(wsrec|log)"\s*:/.exec(text.slice(0, 200)) ?? [];
  const isPacked = text.startsWith("\u001f\ufffd");
  if (key === undefined && !isPacked) return;
  const [what, hint] = isPacked
    ? ["it is packed with gzip", "unpack it first: gunzip -k FILE"]
    : key === "log"
      ? ["it is a HAR", "`wsctl scenario from-har FILE -o load.yaml` makes one of it"]
      : ["it is a recording", "`wsctl scenario from-recording FILE -o load.yaml` makes one of it"];
  throw new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)} is no scenario: ${what}`, { hint });
}

function tooLarge(file: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)} is too large for a scenario`);
}

function isFile(argument: string): boolean {
  try {
    return statSync(argument).isFile();
  } catch {
    return false;
  }
}

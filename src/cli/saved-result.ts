/** Owns reading saved results of runs, as `wsctl load --json` prints them. */
import { readFile } from "node:fs/promises";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import type { Host } from "./host.js";

/** Reads one; `-` is stdin. @throws WsctlError WSCTL_EUSAGE for what is none */
export async function savedResult(host: Host, file: string): Promise<RunResult> {
  // Its schema takes a while to load, which other commands need not wait for.
  const { parseRunResult } = await import("../metrics/saved-run.js");
  if (file === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of host.stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
    return parseRunResult(Buffer.concat(chunks).toString("utf8"), "stdin");
  }
  return parseRunResult(await textOf(file), file);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const why = messageOf(cause).replace(/, \w+( '.*')?$/s, "");
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${safeLine(file, 100)}: ${safeLine(why)}`, {
      cause,
      hint: "save a run with `wsctl load -o json=run.json`",
    });
  }
}

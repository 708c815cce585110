/** Owns the decision whether a stream gets colours, and how wide it is; each stream for itself. */
import { Chalk } from "chalk";
import type { Ink } from "../report/ink.js";
import type { Host, OutStream } from "./host.js";

/** Where nobody looks, as in a pipe or a file: wide enough that lines are not broken. */
const usualWidth = 160;

/** How to draw on that stream. `--no-color` comes in as `color: false`. */
export function inkFor(host: Host, stream: OutStream, color = true): Ink {
  return {
    chalk: new Chalk({ level: levelOf(host, stream, color) }),
    width: Math.max(60, Math.min(stream.columns ?? usualWidth, 160)),
  };
}

/** Whether the cursor may be moved on that stream. */
export function isLive(host: Host, stream: OutStream): boolean {
  return stream.isTTY === true && host.env["TERM"] !== "dumb";
}

function levelOf({ env }: Host, stream: OutStream, color: boolean): 0 | 1 | 2 | 3 {
  if (!color) return 0;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced === "0" || forced === "false" ? 0 : 1;
  if (env["NO_COLOR"] || env["TERM"] === "dumb" || stream.isTTY !== true) return 0;
  if (/^(truecolor|24bit)$/.test(env["COLORTERM"] ?? "")) return 3;
  return (env["TERM"] ?? "").includes("256color") ? 2 : 1;
}

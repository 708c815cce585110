/** Owns telling two runs' circumstances apart: machines, programs and plans. */
import type { RunResult } from "./run-result.js";

/** One thing that differs. */
export interface Difference {
  readonly kind: "machine" | "plan";
  /** Where: `cores`, `traffic.rate`. */
  readonly path: string;
  /** In JSON; undefined where it is missing. */
  readonly base: string | undefined;
  readonly now: string | undefined;
}

/** More are not worth telling: the plans are different ones. */
const most = 20;
const longestValue = 120;

/** Not what was asked of a run: the seed it drew for itself, and the lines on which its gates stand. */
const incidental = /^(?:traffic\.flow\.seed|thresholds\.\d+\.place)$/;

/** What differs between the circumstances of two runs. */
export function differencesOf(base: RunResult, now: RunResult): Difference[] {
  const machine = (result: RunResult): unknown => ({
    ...result.env,
    workers: result.run.workers,
    loopback: result.run.loopback,
  });
  return [...found("machine", machine(base), machine(now)), ...found("plan", base.plan, now.plan)];
}

/** Walks both values side by side, without recursion, until enough is found. */
function found(kind: Difference["kind"], base: unknown, now: unknown): Difference[] {
  const differences: Difference[] = [];
  const todo: [string, unknown, unknown][] = [["", base, now]];
  for (let next = 0; next < todo.length && differences.length < most; next++) {
    const [path, a, b] = todo[next]!;
    if (Object.is(a, b) || incidental.test(path)) continue;
    if (/^targets\.\d+$/.test(path) && withoutPort(a) === withoutPort(b)) continue;
    if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        todo.push([path === "" ? key : `${path}.${key}`, own(a, key), own(b, key)]);
      }
    } else {
      differences.push({ kind, path, base: json(a), now: json(b) });
    }
  }
  return differences;
}

/** A server that is started for a run on this machine has whatever port was free. */
function withoutPort(url: unknown): unknown {
  if (typeof url !== "string" || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname)) parsed.port = "";
  return parsed.href;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function json(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text !== undefined && text.length > longestValue
    ? `${text.slice(0, longestValue)}…`
    : text;
}

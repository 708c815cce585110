/** Owns telling two runs' circumstances apart: targets, scenarios, machines, plans. */
import type { RunResult } from "./run-result.js";

/** In what runs may differ, in the order in which it is told. */
export const differenceKinds = [
  "target",
  "scenario",
  "duration",
  "version",
  "machine",
  "plan",
] as const;

/** One thing that differs. */
export interface Difference {
  readonly kind: (typeof differenceKinds)[number];
  /** Where: `cores`, `traffic.rate`. */
  readonly path: string;
  /** In JSON; undefined where it is missing. */
  readonly base: string | undefined;
  readonly now: string | undefined;
}

/** More are not worth telling: the plans are different ones. */
const most = 20;
const longestValue = 120;

/** Not what was asked of a run: the seed it drew for itself. */
const incidental = "traffic.flow.seed";

/** Runs that were to last as long end within so much of it of one another. */
const sameLength = 0.05;

/** What differs between the circumstances of two runs. */
export function differencesOf(base: RunResult, now: RunResult): Difference[] {
  const differences = (["run", "machine", "plan"] as const).flatMap((root) =>
    found(root, circumstances[root](base), circumstances[root](now)),
  );
  // One that was cut short says so only here.
  const lasted = [base.run.trafficFor, now.run.trafficFor] as const;
  const isPlanned = differences.some(({ kind }) => kind === "duration");
  if (!isPlanned && Math.abs(lasted[0] - lasted[1]) > Math.max(...lasted) * sameLength) {
    const [before, after] = [String(Math.round(lasted[0])), String(Math.round(lasted[1]))];
    differences.push({ kind: "duration", path: "trafficFor", base: before, now: after });
  }
  return differences.toSorted(
    (a, b) => differenceKinds.indexOf(a.kind) - differenceKinds.indexOf(b.kind),
  );
}

const circumstances: Readonly<Record<"run" | "machine" | "plan", (result: RunResult) => unknown>> =
  {
    // The same one by another path; what is in it is told as the plan.
    run: ({ run }) => ({ scenario: run.scenario?.split(/[\\/]/).at(-1) }),
    machine: ({ env, run }) => ({ ...env, workers: run.workers, loopback: run.loopback }),
    plan: ({ plan }) => ({ ...plan, thresholds: thresholdSet(plan["thresholds"]) }),
  };

/**
 * Thresholds by what they ask, as their order means nothing, nor does where they stand. A saved plan
 * need not be sound.
 */
function thresholdSet(thresholds: unknown): unknown {
  if (!Array.isArray(thresholds)) return thresholds;
  const entries = thresholds.map((threshold: unknown): [string, unknown] => {
    if (!isObject(threshold)) return [json(threshold) ?? "", threshold];
    const { metric, expression, place: _, ...rest } = threshold;
    return [`${String(metric)}: ${String(expression)}`, rest];
  });
  return Object.fromEntries(entries);
}

function kindOf(root: keyof typeof circumstances, path: string): Difference["kind"] {
  if (root === "run") return "scenario";
  if (root === "machine") return path === "wsctl" || path === "node" ? "version" : "machine";
  if (/^targets(?:\.|$)/.test(path)) return "target";
  return path === "duration" ? "duration" : "plan";
}

/** Walks both values side by side, without recursion, until enough is found. */
function found(root: keyof typeof circumstances, base: unknown, now: unknown): Difference[] {
  const differences: Difference[] = [];
  const todo: [string, unknown, unknown][] = [["", base, now]];
  for (let next = 0; next < todo.length && differences.length < most; next++) {
    const [path, a, b] = todo[next]!;
    if (Object.is(a, b) || path === incidental) continue;
    if (/^targets\.\d+$/.test(path) && withoutPort(a) === withoutPort(b)) continue;
    if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        todo.push([path === "" ? key : `${path}.${key}`, own(a, key), own(b, key)]);
      }
    } else {
      differences.push({ kind: kindOf(root, path), path, base: json(a), now: json(b) });
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

/** Owns reading a saved RunResult: a file may be old, cut short, or made to do harm. */
import { z } from "zod";
import { WsctlError, messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { savedDelivery } from "./delivery-saved.js";
import { savedFanOut } from "./fan-out-saved.js";
import { savedRecovery } from "./recovery-saved.js";
import type { RunResult } from "./run-result.js";
import { savedSlowConsumers } from "./slow-saved.js";
import { savedBrief, savedTrend } from "./trend-saved.js";

const version = "wsctl.run/1";

/** A day of seconds with every metric is some 100 MB. */
const longestText = 256 * 1024 * 1024;
const mostParts = 1000;
const mostRows = 10_000;
const mostSeconds = 400_000;
const mostSeries = 50_000;
const deepest = 100;
/** Each is unpacked; of its own runs wsctl keeps no more. */
const mostTrends = 1000;

const number = z.number();
const count = z.number().min(0);
const name = z.string().max(1000);
const text = z.string().max(10_000);
const figures = z.record(name, number).refine((all) => Object.keys(all).length <= mostSeries, {
  message: `more than ${mostSeries} series`,
});

const trends = z.record(name, savedTrend);

// The first runs do not tell what fell within the traffic: nearly all of it did.
const part = z
  .object({ name, span: count, totals: figures, inTraffic: figures.optional(), trends })
  .transform((one) => ({ ...one, inTraffic: one.inTraffic ?? one.totals }));
const throughput = z.object({
  sent: count,
  received: count,
  bytesSent: count,
  bytesReceived: count,
});

const run = z.object({
  id: name,
  scenario: text.optional(),
  startedAt: z.string().refine((at) => !Number.isNaN(Date.parse(at)), { message: "no moment" }),
  took: count,
  trafficFor: count,
  warmupFor: count.optional(),
  inTraffic: throughput,
  workers: count,
  model: z.enum(["closed", "rate", "idle"]),
  pacer: name.optional(),
  pacerBecause: name.optional(),
  askedRate: count.optional(),
  loopback: z.boolean(),
  users: z.object({ begun: count, completed: count, lost: count, dropped: count }).optional(),
  handshake: z
    .object({
      status: text,
      server: text.optional(),
      subprotocol: text.optional(),
      extensions: text.optional(),
      tls: text.optional(),
    })
    .optional(),
});

const result = z
  .object({
    $schema: z.literal(version),
    run,
    plan: z.record(name, z.unknown()),
    env: z.object({ wsctl: name, node: name, os: name, cpu: name, cores: count }),
    totals: figures,
    inTraffic: figures.optional(),
    trends,
    // Runs of the first release have none of these.
    scenarios: z.array(part).max(mostParts).default([]),
    stages: z.array(part).max(mostParts).default([]),
    profiles: z.array(part).max(mostParts).optional(),
    slow: savedSlowConsumers.optional(),
    fanOut: savedFanOut.optional(),
    delivery: savedDelivery.optional(),
    recovery: savedRecovery.optional(),
    series: z
      .array(
        z.object({
          second: number,
          span: count,
          isWarmup: z.boolean().optional(),
          counters: figures,
          gauges: figures,
          trends: z.record(name, z.object(savedBrief)),
        }),
      )
      .max(mostSeconds),
    conservation: z.object({
      expected: count,
      answered: count,
      disconnected: count,
      timedOut: count,
      inFlight: count,
      late: count,
      difference: number,
      connectionsOff: count,
      server: z
        .object({
          source: text,
          sentByUs: count,
          receivedByServer: count,
          sentByServer: count,
          receivedByUs: count,
          dropped: count.optional(),
          equal: z.boolean(),
          explained: z.boolean().optional(),
          detail: text.optional(),
        })
        .optional(),
    }),
    thresholds: z
      .array(
        z.object({
          metric: name,
          expression: name,
          ok: z.boolean(),
          actual: number.optional(),
          aborted: z.boolean(),
          place: text.optional(),
        }),
      )
      .max(mostRows)
      .default([]),
    expectations: z
      .array(
        z.object({
          scenario: name,
          step: name,
          passed: count,
          failed: count,
          example: text.optional(),
        }),
      )
      .max(mostRows)
      .default([]),
    validity: z.object({
      ok: z.boolean(),
      // The codes of a later version are as good.
      reasons: z.array(z.object({ code: name, detail: text, remedy: text })).max(mostRows),
    }),
    errors: z.array(z.object({ what: text, count, example: text })).max(mostRows),
    interrupted: z.boolean(),
  })
  .transform((one) => ({ ...one, inTraffic: one.inTraffic ?? one.totals }));

/**
 * Reads a saved result, such as `wsctl load --json` prints it. What it knows nothing of is left out.
 * @param file what the text came from, for the error
 * @throws WsctlError WSCTL_EUSAGE when it is no result of a run, or of another version
 */
export function parseRunResult(source: string, file: string): RunResult {
  if (source.length > longestText) throw refuse(file, "it is longer than 256 MiB");
  const value = parseJson(source, file);
  const { $schema } = Object(value) as { $schema?: unknown };
  if ($schema !== version) {
    const what = typeof $schema === "string" ? `"${safeLine($schema, 60)}"` : "no version";
    throw refuse(file, `it says ${what} where "${version}" is expected`);
  }
  if (isDeeper(value, deepest)) throw refuse(file, `it is nested more than ${deepest} deep`);
  if (trendsIn(value) > mostTrends) {
    throw refuse(file, `it holds more than ${mostTrends} distributions`);
  }
  const parsed = result.safeParse(value);
  if (parsed.success) return parsed.data as RunResult;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.map(String).join(".")}: ` : "";
  throw refuse(file, safeLine(`${where}${issue?.message ?? "its shape is wrong"}`));
}

function parseJson(source: string, file: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    throw refuse(file, `it is not JSON: ${safeLine(messageOf(error))}`);
  }
}

/** How many distributions all its parts hold; of anything that is none, nothing. */
function trendsIn(value: unknown): number {
  const { trends: whole, scenarios, stages, profiles } = Object(value) as Record<string, unknown>;
  const parts = [scenarios, stages, profiles].flatMap((all) =>
    Array.isArray(all) ? (all as unknown[]) : [],
  );
  const ofParts = parts.map((one) => (Object(one) as { trends?: unknown }).trends);
  return [whole, ...ofParts].reduce<number>(
    (sum, one) => sum + Object.keys(Object(one) as object).length,
    0,
  );
}

/** Without recursion: what is nested too deeply would exhaust the stack. */
function isDeeper(value: unknown, limit: number): boolean {
  const isObject = (one: unknown): one is object => typeof one === "object" && one !== null;
  let level = [value].filter(isObject);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((one) => Object.values(one).filter(isObject));
  }
  return false;
}

function refuse(file: string, why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `${safeLine(file)} is no saved result of a run: ${why}`, {
    hint: "save one with `wsctl load --json > run.json`, or with `-o json=run.json`",
  });
}

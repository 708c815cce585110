/**
 * Owns reading the data that users carry: files of CSV, JSON or JSONL, as streams. What is kept is
 * what was asked for, so that a worker holds the rows of its own users and no others.
 */
import { createReadStream } from "node:fs";
import path from "node:path";
import { WsctlError, messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { JsonValue } from "../message/json.js";
import { readCsv } from "./feeder/csv.js";
import { readJson } from "./feeder/json.js";
import { readJsonl } from "./feeder/jsonl.js";
import type { PlanFeeder } from "./flow-plan.js";

/** One row: values by the names of their columns. */
export type Row = ReadonlyMap<string, JsonValue>;

/** What a feeder's file holds. */
export interface FeederFacts {
  /** In order of their first appearance. */
  readonly columns: readonly string[];
  readonly rows: number;
}

/** The most different columns that a file may have. */
const mostColumns = 1000;

const readers: Readonly<
  Record<PlanFeeder["format"], (bytes: AsyncIterable<Buffer>) => AsyncIterable<Row>>
> = { csv: readCsv, json: readJson, jsonl: readJsonl };

/** The format that a file's name says; undefined when it says none. */
export function formatOf(file: string): PlanFeeder["format"] | undefined {
  const extension = path.extname(file).slice(1).toLowerCase();
  if (extension === "ndjson") return "jsonl";
  return Object.hasOwn(readers, extension) ? (extension as PlanFeeder["format"]) : undefined;
}

/**
 * Reads a file through once.
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read, naming the line
 */
export async function inspectFeeder(
  file: string,
  format: PlanFeeder["format"],
): Promise<FeederFacts> {
  const columns = new Set<string>();
  let rows = 0;
  for await (const row of rowsOf(file, format)) {
    for (const column of row.keys()) if (columns.size < mostColumns) columns.add(column);
    rows++;
  }
  return { columns: [...columns], rows };
}

/**
 * Reads the rows of those numbers, from 0; the others are passed over.
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read, or for a file that has changed since
 */
export async function readRows(
  feeder: Pick<PlanFeeder, "name" | "path" | "format">,
  wanted: ReadonlySet<number>,
): Promise<Map<number, Row>> {
  const kept = new Map<number, Row>();
  let number = 0;
  if (wanted.size === 0) return kept;
  for await (const row of rowsOf(feeder.path, feeder.format)) {
    if (wanted.has(number)) kept.set(number, row);
    if (kept.size === wanted.size) return kept;
    number++;
  }
  throw new WsctlError(
    "WSCTL_EUSAGE",
    `${feeder.name}: ${path.basename(feeder.path)} has ${number} rows, fewer than when the run began`,
    { hint: "leave the file alone while a run reads it" },
  );
}

async function* rowsOf(file: string, format: PlanFeeder["format"]): AsyncGenerator<Row> {
  const stream = createReadStream(file);
  try {
    yield* readers[format](stream as AsyncIterable<Buffer>);
  } catch (error) {
    throw new WsctlError("WSCTL_EUSAGE", `${file}: ${safeLine(messageOf(error), 300)}`, {
      hint:
        error instanceof WsctlError && error.hint !== undefined
          ? error.hint
          : "data files are CSV with a header line, a JSON array of objects, or JSONL",
    });
  } finally {
    stream.destroy();
  }
}

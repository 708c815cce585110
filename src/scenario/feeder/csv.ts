/** Owns rows of CSV (RFC 4180): the first line names the columns, every value is text. */
import { parse } from "csv-parse";
import { pipeline } from "node:stream";
import { Readable } from "node:stream";
import type { Row } from "../feeder.js";

/** No line of a data file is longer, in bytes. */
const longestRecord = 1024 * 1024;

/**
 * The rows of a file's bytes.
 * @throws Error naming the line, for quotes that do not close, or too few or too many values
 */
export async function* readCsv(bytes: AsyncIterable<Buffer>): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
  });
  // The error reaches whoever reads the parser; the callback keeps it from being thrown besides.
  pipeline(Readable.from(bytes), parser, () => {});
  let columns: readonly string[] | undefined;
  for await (const record of parser as AsyncIterable<string[]>) {
    if (!columns) {
      columns = record.map((name) => name.trim());
      refuseColumns(columns);
      continue;
    }
    yield new Map(columns.map((column, i) => [column, record[i] ?? ""]));
  }
}

function refuseColumns(columns: readonly string[]): void {
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`the column ${twice} is there twice`);
  if (columns.includes("")) throw new Error("a column has no name");
}

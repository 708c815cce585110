/** Owns rows of CSV (RFC 4180): the first line names the columns, every value is text. */
import { CsvError, parse } from "csv-parse";
import { pipeline } from "node:stream";
import { Readable } from "node:stream";
import { WsctlError } from "../../base/errors.js";
import type { Row } from "../feeder.js";

/** No line of a data file is longer, in bytes. */
const longestRecord = 1024 * 1024;

/** Whoever has more has lost the ends of lines. */
const mostColumns = 1000;

/** The lines that a record takes up, from 1. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/**
 * The rows of a file's bytes.
 * @throws Error naming the line where the row begins, for quotes that are out of place or do not
 * close, or too few or too many values
 */
export async function* readCsv(bytes: AsyncIterable<Buffer>): AsyncGenerator<Row> {
  let lines = 0;
  let emptyLines = 0;
  // Of records that are read, and not taken yet.
  const extents: Extent[] = [];
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
    // Where a row begins is known here, and not there: a value may have several lines.
    relax_column_count: true,
    on_record: (record: string[], context) => {
      const from = lines + 1 + context.empty_lines - emptyLines;
      lines = context.lines;
      emptyLines = context.empty_lines;
      extents.push({ from, to: lines });
      return record;
    },
  });
  // The error reaches whoever reads the parser; the callback keeps it from being thrown besides.
  pipeline(Readable.from(bytes), parser, () => {});
  let columns: readonly string[] | undefined;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      const extent = extents.shift()!;
      if (!columns) {
        columns = record.map((name) => name.trim());
        refuseColumns(columns);
        const [only = ""] = columns;
        if (columns.length === 1 && only.includes(";")) throw separatedOtherwise();
        continue;
      }
      if (record.length !== columns.length) throw uneven(record, extent, columns.length);
      yield new Map(columns.map((column, i) => [column, record[i] ?? ""]));
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const empty = error["empty_lines"];
    throw inWords(error, lines + 1 + (typeof empty === "number" ? empty - emptyLines : 0));
  }
}

function uneven(record: readonly string[], { from, to }: Extent, wanted: number): Error {
  const values = `${record.length} ${record.length === 1 ? "value" : "values"}`;
  const why =
    to === from
      ? ""
      : `; a value in quotes makes it go on to line ${to}: is the closing quote where it should be?`;
  return new Error(`the row in line ${from} has ${values}, and there are ${wanted} columns${why}`);
}

/**
 * What the parser refuses, in words of our own; what a value holds may be a secret.
 * @param from the line where the row begins
 */
function inWords(error: CsvError, from: number): Error {
  const row = `the row in line ${from}`;
  const reached = typeof error["lines"] === "number" ? error["lines"] : from;
  if (error.code === "CSV_QUOTE_NOT_CLOSED") {
    return new Error(`${row} opens a quote that is never closed`);
  }
  if (error.code === "CSV_INVALID_CLOSING_QUOTE") {
    const where = reached > from ? ` in line ${reached}` : "";
    return new Error(
      `${row} has more behind a closing quote${where} where a comma should be; a quote within quotes is written ""`,
    );
  }
  if (error.code === "INVALID_OPENING_QUOTE") {
    return new Error(`${row} has a quote within a value that has none around it`);
  }
  if (error.code === "CSV_MAX_RECORD_SIZE") return new Error(`${row} is longer than 1 MiB`);
  return new Error(`${row} cannot be read: ${error.code}`);
}

/** What a spreadsheet writes where a comma stands in numbers. */
function separatedOtherwise(): Error {
  return new WsctlError(
    "WSCTL_EUSAGE",
    "the line of names has no comma, and a ; in it: are the values separated by ;?",
    { hint: "separate them by commas (RFC 4180); put quotes around a value that holds one" },
  );
}

function refuseColumns(columns: readonly string[]): void {
  if (columns.length > mostColumns) throw new Error(`there are more than ${mostColumns} columns`);
  const known = new Set<string>();
  for (const name of columns) {
    if (known.has(name)) throw new Error(`the column ${name} is there twice`);
    known.add(name);
  }
  if (known.has("")) throw new Error("a column has no name");
}

/**
 * Owns how one WebSocket of a HAR becomes a recording. An entry that was exported from a recording
 * becomes that recording again; of another tool's entry, what it lacks is told.
 */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { isControl } from "../../frame/opcode.js";
import type { KnownLine, OtherLine, RecordingHeader } from "../line.js";
import { LineSplitter } from "../line-splitter.js";
import { isTooDeep } from "../nesting.js";
import { Malformed, parseHeader, parseLine } from "../parse-line.js";
import { type Foreign, itemsOf, numberOf, objectOf } from "./foreign.js";
import type { HarFile } from "./har-file.js";
import { isMessage } from "./line-kind.js";
import { Notes } from "./notes.js";
import { lineOfRow, ownLineOfRow } from "./message-row.js";
import { RowClock, rounded, rowTime, startTime } from "./row-time.js";
import { attachmentOf, type HarSocket, rowsOf } from "./socket-entry.js";
import { ownUpgradeOf, upgradeOf } from "./upgrade-entry.js";

/** How to import. */
export interface ImportOptions {
  /** Such as `wsctl/0.1.0`: who made the recording out of the HAR. */
  readonly tool: string;
  /** Malformed rows of attached messages are left out, instead of being an error. */
  readonly salvage?: boolean | undefined;
}

/** A recording out of a HAR; its lines are read once. */
export interface ImportedRecording {
  readonly header: RecordingHeader;
  readonly lines: AsyncIterable<KnownLine | OtherLine>;
  /** What was left out or guessed, one thing a line; complete when the lines have been read. */
  notes(): string[];
}

/**
 * The recording of a socket.
 *
 * @param har stays open until the lines have been read
 * @throws WsctlError WSCTL_EUSAGE for attached messages that cannot be read, also while lines are read
 */
export async function importSocket(
  har: HarFile,
  socket: HarSocket,
  options: ImportOptions,
): Promise<ImportedRecording> {
  const notes = new Notes();
  const rows = rowsFrom(har, socket, options, notes);
  const own = ownHeader(socket.entry);
  if (own) return { header: own, lines: ownLines(socket, rows, notes), notes: () => notes.told() };
  const clock = await clockOf(socket, rows);
  const { startedAt } = clock;
  if (startedAt === undefined) notes.add("when it began is not in the file");
  const header: RecordingHeader = {
    wsrec: 1,
    url: socket.url,
    startedAt: new Date(startedAt ?? 0).toISOString(),
    tool: options.tool,
    redacted: [],
    ...(har.creator === "" ? {} : { importedFrom: har.creator }),
  };
  return { header, lines: foreignLines(socket, rows, clock, notes), notes: () => notes.told() };
}

/** The header of the recording that the entry was exported from. */
function ownHeader(entry: Foreign): RecordingHeader | undefined {
  const header = objectOf(entry["_wsctlHeader"]);
  if (!header || isTooDeep(header)) return undefined;
  try {
    return parseHeader(JSON.stringify(header));
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** Rows one after the other, of which some can be looked at ahead of the others. */
interface Rows extends AsyncIterable<unknown> {
  /** The first of those at the beginning of which that is so. */
  first(isIt: (row: unknown) => boolean): Promise<unknown>;
}

/** So many rows are looked at ahead of the others. */
const mostAhead = 1000;

function rowsFrom(har: HarFile, { entry }: HarSocket, options: ImportOptions, notes: Notes): Rows {
  const file = rowsOf(entry) === undefined ? attachmentOf(entry) : undefined;
  const source = file === undefined ? within(entry) : attachedRows(har, file, options, notes);
  let ahead: IteratorResult<unknown>[] = [];
  return {
    first: async (isIt) => {
      while (ahead.length < mostAhead) {
        const next = await source.next();
        ahead.push(next);
        if (next.done === true) return undefined;
        if (isIt(next.value)) return next.value;
      }
      return undefined;
    },
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        if (ahead.length === 0) return source.next();
        const [next] = ahead;
        ahead = ahead.slice(1);
        return next!;
      },
      return: () => source.return(undefined),
    }),
  };
}

async function* within(entry: Foreign): AsyncGenerator<unknown, undefined> {
  yield* itemsOf(rowsOf(entry));
}

/** The rows of Playwright's attachment: one a line. */
async function* attachedRows(
  har: HarFile,
  file: string,
  { salvage = false }: ImportOptions,
  notes: Notes,
): AsyncGenerator<unknown, undefined> {
  let rows: unknown[] = [];
  let number = 0;
  const splitter = new LineSplitter((text, why) => {
    number++;
    try {
      if (text === undefined) throw new Malformed(why);
      if (text.trim() !== "") rows.push(JSON.parse(text));
    } catch (error) {
      const what = error instanceof Malformed ? error.message : "it is no JSON";
      if (!salvage) throw badRow(file, number, what);
      notes.count("left out: malformed lines of attached messages");
    }
  });
  for await (const piece of har.attached(file)) {
    splitter.push(piece);
    yield* rows;
    rows = [];
  }
  // The last line need not be ended.
  splitter.push(Buffer.from("\n"));
  yield* rows;
}

function badRow(file: string, line: number, what: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `the attached messages cannot be read: ${what}`, {
    where: [`${safeLine(file, 100)}:${line}`],
    hint: "--salvage reads what is good",
  });
}

async function clockOf({ startedAt }: HarSocket, rows: Rows): Promise<RowClock> {
  // What is left out has a clock of its own.
  const first = await rows.first(
    (row) => timeOf(row) !== undefined && !("skipped" in lineOfRow(row)),
  );
  return new RowClock(startTime(startedAt), timeOf(first));
}

function timeOf(row: unknown): number | undefined {
  return rowTime(objectOf(row)?.["time"]);
}

/** The lines of another tool's entry, with the end that says how many messages there were. */
async function* foreignLines(
  socket: HarSocket,
  rows: Rows,
  clock: RowClock,
  notes: Notes,
): AsyncGenerator<KnownLine, undefined> {
  const upgrade = upgradeOf(socket);
  for (const note of upgrade.notes) notes.add(note);
  const opened = rounded(Math.min(upgrade.took, clock.first ?? upgrade.took));
  if (upgrade.lineAt) yield upgrade.lineAt(opened);
  const count = { in: 0, out: 0 };
  let isEmpty = true;
  for await (const row of rows) {
    isEmpty = false;
    const made = lineOfRow(row);
    if ("skipped" in made) {
      notes.count(`left out: ${made.skipped}`, made.error);
      continue;
    }
    if (made.guess === "text") notes.count("messages whose data is no base64, taken as text");
    if (made.guess === "half") notes.count("texts with half a surrogate pair, which became U+FFFD");
    const t = Math.max(opened, clock.at(objectOf(row)?.["time"]));
    const line = made.lineAt(t);
    if (isMessage(line) && !isControl(line.op)) count[line.k]++;
    yield line;
  }
  if (clock.isOther) notes.add("the messages are dated by another clock: the first is at 0");
  if (isEmpty) notes.add("no messages in this entry: were the tools open before the socket?");
  notes.count(
    "messages without a time, of which only the order is known",
    undefined,
    clock.untimed,
  );
  notes.count("messages that are dated before the one ahead of them", undefined, clock.backwards);
  yield { t: Math.max(opened, clock.last), k: "end", ...count };
}

/** The lines of a recording that was exported. */
async function* ownLines(
  socket: HarSocket,
  rows: Rows,
  notes: Notes,
): AsyncGenerator<KnownLine | OtherLine, undefined> {
  const upgrade = ownUpgradeOf(socket);
  if (upgrade) yield* checked(upgrade, notes);
  let clock: RowClock | undefined;
  for await (const value of rows) {
    const row = objectOf(value);
    for (const line of itemsOf(row?.["_wsctlBefore"])) yield* checked(line, notes);
    const made = lineOfRow(value);
    const exact = numberOf(row?.["_wsctlT"]);
    if (row && exact !== undefined) {
      yield* checked(ownLineOfRow(row, exact), notes);
    } else if ("skipped" in made) {
      notes.count(`left out: ${made.skipped}`, made.error);
    } else {
      // Somebody has added it since.
      clock ??= new RowClock(startTime(socket.startedAt), undefined);
      yield made.lineAt(clock.at(row?.["time"]));
    }
  }
  for (const line of itemsOf(socket.entry["_wsctlAfter"])) yield* checked(line, notes);
}

/** What the reader of recordings makes of it. */
function* checked(line: unknown, notes: Notes): Generator<KnownLine | OtherLine, undefined> {
  try {
    if (isTooDeep(line)) throw new Malformed("it is nested too deeply");
    yield parseLine(JSON.stringify(line));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    notes.count("left out: what is no line in _wsctl… fields");
  }
}

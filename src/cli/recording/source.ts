/** Owns what `wsctl recording` reads: a recording or a WebSocket of a HAR, from a file or from stdin. */
import { stat } from "node:fs/promises";
import { WsctlError } from "../../base/errors.js";
import { formatCount } from "../../base/quantity.js";
import { redactUrl } from "../../base/redact-url.js";
import { safeLine } from "../../base/safe-text.js";
import { piecesOf } from "../../recording/file-pieces.js";
import { type HarFile, largestHar, looksLikeHar, openHar } from "../../recording/har/har-file.js";
import { importSocket } from "../../recording/har/import-har.js";
import { type HarSocket, socketsOf } from "../../recording/har/socket-entry.js";
import type { KnownLine, OtherLine, RecordingHeader } from "../../recording/line.js";
import { readRecording } from "../../recording/reader.js";
import { Redactor } from "../../recording/redactor.js";
import { jsonOf } from "../../recording/write-line.js";
import { type Host, version } from "../host.js";
import { Problems } from "./problems.js";
import { type Hiding, withoutSecrets } from "./redaction.js";

/** One line, and where it stands. */
export interface SourceLine {
  /** Of the file, from 1; of a HAR, as if it were a recording. */
  readonly number: number;
  readonly line: KnownLine | OtherLine;
  /** As it stands in the file, or as it would in a recording. */
  readonly raw: string;
  /** The comments and empty lines above it, where they were asked for. */
  readonly above: readonly string[];
}

/** An opened recording. */
export interface Source {
  readonly header: RecordingHeader;
  readonly lines: AsyncIterable<SourceLine>;
  /** After the lines: the comments below the last one, where they were asked for. */
  rest(): readonly string[];
  /** After the lines: what was hidden, by name, and in how many lines; undefined where nothing is. */
  readonly hiding: Hiding | undefined;
  /** After the lines: what was left out, cut off or guessed; unsafe for a terminal as it is. */
  notes(): string[];
  close(): Promise<void>;
}

/** How to read. */
export interface SourceOptions {
  readonly salvage?: boolean | undefined;
  readonly comments?: boolean | undefined;
  /** Which WebSocket of a HAR, from 1. */
  readonly entry?: number | undefined;
  /** Takes secrets out, as is done with those of a HAR in any case. */
  readonly redactor?: Redactor | undefined;
}

/** So many WebSockets of a HAR are listed. */
const mostListed = 50;

/** A HAR is told by so many bytes. */
const tellingBytes = 64;

/**
 * Opens a file, `-` for stdin. What it is, is told by what is in it.
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read, and for a HAR of several WebSockets without
 *   a choice
 */
export async function openSource(
  host: Host,
  file: string,
  options: SourceOptions = {},
): Promise<Source> {
  const name = file === "-" ? "stdin" : file;
  const pieces = file === "-" ? bytesOf(host.stdin) : piecesOf(file);
  const { start, all } = await peeked(pieces);
  if (!looksLikeHar(start)) return fromRecording(name, all, options);
  const isFile = file !== "-" && (await stat(file)).isFile();
  if (isFile) await pieces.return?.();
  const har = await openHar(isFile ? file : await whole(all));
  try {
    return await fromHar(har, name, options);
  } catch (error) {
    har.close();
    throw error;
  }
}

async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer, void, void> {
  for await (const piece of stream) yield Buffer.from(piece as Uint8Array | string);
}

/** The first bytes, and all of them; only the pieces that were looked at are copied. */
async function peeked(
  pieces: AsyncIterator<Buffer>,
): Promise<{ start: Buffer; all: AsyncIterable<Buffer> }> {
  let start = Buffer.alloc(0);
  while (start.length < tellingBytes) {
    const { done, value } = await pieces.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (start.length > 0) yield start;
      for (;;) {
        const { done, value } = await pieces.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      await pieces.return?.();
    }
  }
  return { start, all: all() };
}

async function whole(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    copies.push(Buffer.from(piece));
    size += piece.length;
    // Whoever parses it says that it is too large.
    if (size > largestHar) break;
  }
  return Buffer.concat(copies);
}

async function fromRecording(
  name: string,
  bytes: AsyncIterable<Buffer>,
  { salvage, comments, entry, redactor }: SourceOptions,
): Promise<Source> {
  if (entry !== undefined && entry !== 1) {
    throw new WsctlError("WSCTL_EUSAGE", `there is no entry ${entry}: a recording is one socket's`);
  }
  const problems = new Problems(name);
  const reading = readRecording(bytes, {
    name,
    salvage,
    comments,
    onProblem: (line, what) => problems.add(line, what),
  });
  const read = { header: await reading.header, lines: reading, hiding: undefined };
  return {
    ...(redactor ? await withoutSecrets(read, redactor) : read),
    rest: () => reading.rest,
    notes: () => problems.told(),
    close: () => reading.close(),
  };
}

async function fromHar(
  har: HarFile,
  name: string,
  { salvage, entry, redactor = new Redactor() }: SourceOptions,
): Promise<Source> {
  const socket = chosen(socketsOf(har), name, entry);
  const imported = await importSocket(har, socket, { tool: `wsctl/${version()}`, salvage });
  const read = { header: imported.header, lines: numbered(imported.lines) };
  return {
    ...(await withoutSecrets(read, redactor)),
    rest: () => [],
    // They quote what the file says of errors.
    notes: () => imported.notes().map((note) => redactor.text(note)),
    close: async () => har.close(),
  };
}

async function* numbered(lines: AsyncIterable<KnownLine | OtherLine>): AsyncGenerator<SourceLine> {
  let number = 1;
  for await (const line of lines) yield { number: ++number, line, raw: jsonOf(line), above: [] };
}

function chosen(sockets: readonly HarSocket[], name: string, entry: number | undefined): HarSocket {
  if (sockets.length === 0) {
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(name, 100)} holds no WebSocket`, {
      hint: "export it from a browser whose developer tools were open before the socket was",
    });
  }
  const found =
    sockets.length === 1 && entry === undefined ? sockets[0] : sockets[(entry ?? 0) - 1];
  if (found) return found;
  const many = `${safeLine(name, 100)} holds ${sockets.length} WebSockets`;
  const message = entry === undefined ? many : `${many}: there is no entry ${entry}`;
  throw new WsctlError("WSCTL_EUSAGE", message, {
    where: listOf(sockets),
    hint: "choose one: --entry N",
  });
}

function countOf(messages: number | undefined): string {
  if (messages === undefined) return "attached messages";
  return messages === 1 ? "1 message" : `${formatCount(messages)} messages`;
}

function listOf(sockets: readonly HarSocket[]): string[] {
  const lines = sockets.slice(0, mostListed).map(({ number, url, startedAt, status, messages }) => {
    const count = countOf(messages);
    const facts = [startedAt, status === 0 ? "" : String(status), count].filter(
      (fact) => fact !== "",
    );
    return `${String(number).padStart(3)}  ${redactUrl(url)}  ${facts.join(", ")}`;
  });
  const more = sockets.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

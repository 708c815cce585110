/** Owns recordings that are written anew: as recordings, line by line, or handed on to be a HAR. */
import { stat } from "node:fs/promises";
import type { ExportedRecording } from "../../recording/har/export-har.js";
import { isUpgrade } from "../../recording/har/line-kind.js";
import type { KnownLine, OtherLine } from "../../recording/line.js";
import { Redactor } from "../../recording/redactor.js";
import { writeLine } from "../../recording/write-line.js";
import type { Host } from "../host.js";
import { openSource, type Source } from "./source.js";

/** How they are read. */
export interface Rewriting {
  readonly salvage?: boolean | undefined;
  /** Which WebSocket of a HAR, from 1. */
  readonly entry?: number | undefined;
  /** Patterns of payloads; undefined to keep a recording as it is. */
  readonly redact?: readonly string[] | undefined;
  /** Told, when the lines have been read, of what is to be known. */
  readonly notes: (notes: readonly string[]) => void;
}

async function opened(host: Host, file: string, rewriting: Rewriting): Promise<Source> {
  const { salvage, entry, redact } = rewriting;
  const redactor = redact && new Redactor({ patterns: redact });
  const isFile = file !== "-" && (await stat(file).catch(() => undefined))?.isFile() === true;
  if (redactor && isFile) await learnFrom(host, file, redactor, rewriting);
  return openSource(host, file, { salvage, entry, redactor, comments: true });
}

/** A token may be said before it is used: what can be read twice is, so that it is known then. */
async function learnFrom(
  host: Host,
  file: string,
  redactor: Redactor,
  { salvage, entry }: Rewriting,
): Promise<void> {
  const source = await openSource(host, file, { salvage, entry });
  try {
    for await (const { line } of source.lines) if (isUpgrade(line)) redactor.upgrade(line);
  } finally {
    await source.close();
  }
}

/** The text of a recording; what is not redacted stays as it was spelt, comments too. */
export async function* recordingText(
  host: Host,
  file: string,
  rewriting: Rewriting,
): AsyncGenerator<string, undefined> {
  const source = await opened(host, file, rewriting);
  try {
    yield writeLine(source.header);
    for await (const { raw, above } of source.lines) {
      for (const comment of above) yield `${comment}\n`;
      yield `${raw}\n`;
    }
    for (const comment of source.rest()) yield `${comment}\n`;
    rewriting.notes(notesOf(source));
  } finally {
    await source.close();
  }
}

/** The recordings one after the other. */
export async function* harRecordings(
  host: Host,
  files: readonly string[],
  rewriting: Rewriting,
): AsyncGenerator<ExportedRecording, undefined> {
  for (const file of files) {
    const source = await opened(host, file, rewriting);
    let comments = 0;
    async function* lines(): AsyncGenerator<KnownLine | OtherLine, undefined> {
      for await (const { line, above } of source.lines) {
        comments += commentsIn(above);
        yield line;
      }
    }
    try {
      yield { header: source.header, lines: lines() };
      comments += commentsIn(source.rest());
      const lost =
        comments > 0 ? [`lost, because a HAR has no place for them: comments: ${comments}`] : [];
      rewriting.notes([...notesOf(source), ...lost]);
    } finally {
      await source.close();
    }
  }
}

/** What was left out, and what was hidden. */
function notesOf(source: Source): string[] {
  const { hiding } = source;
  if (!hiding || hiding.lines === 0) return source.notes();
  const names = hiding.names.length === 0 ? "" : `: ${hiding.names.join(", ")}`;
  return [...source.notes(), `lines in which something was hidden: ${hiding.lines}${names}`];
}

function commentsIn(lines: readonly string[]): number {
  return lines.filter((line) => line.trim() !== "").length;
}

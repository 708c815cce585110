/**
 * Owns how recordings become a HAR, written as a stream: one entry each, as Chrome's importer reads it.
 * What HAR has no place for stands in fields that begin with `_wsctl`, which other tools pass over.
 */
import type { KnownLine, OtherLine, RecordingHeader, UpgradeLine } from "../line.js";
import { jsonOf } from "../write-line.js";
import { isClose, isMessage, isUpgrade } from "./line-kind.js";
import { rowOfClose, rowOfMessage } from "./message-row.js";
import { Notes } from "./notes.js";
import { startTime } from "./row-time.js";
import { requestAndResponse, timingsOf, upgradeExtras } from "./upgrade-entry.js";

/** A recording to be exported; its lines are read once. */
export interface ExportedRecording {
  readonly header: RecordingHeader;
  readonly lines: AsyncIterable<KnownLine | OtherLine>;
}

/** Text is handed on in pieces of so many characters or more. */
const pieceLength = 64 * 1024;

/** One export. */
export class HarExport {
  readonly #creator: { readonly name: string; readonly version: string };
  readonly #notes = new Notes();
  #text = "";

  /** @param creator what the file says of its maker */
  constructor(creator: { readonly name: string; readonly version: string }) {
    this.#creator = creator;
  }

  /** The text of the HAR, in pieces. */
  async *text(recordings: AsyncIterable<ExportedRecording>): AsyncGenerator<string, undefined> {
    const log = `"version":"1.2","creator":${jsonOf(this.#creator)},"pages":[]`;
    this.#text = `{"log":{${log},"entries":[`;
    let count = 0;
    for await (const recording of recordings) {
      this.#text += count++ === 0 ? "\n" : ",\n";
      yield* this.#entry(recording);
    }
    yield `${this.#text}\n]}}\n`;
  }

  /** What only `_wsctl…` fields hold, so that other tools do not show it; complete after the text. */
  notes(): string[] {
    return this.#notes.told();
  }

  async *#entry({ header, lines }: ExportedRecording): AsyncGenerator<string, undefined> {
    const started = startTime(header.startedAt) ?? 0;
    let entry: Entry | undefined;
    let before: (KnownLine | OtherLine)[] = [];
    let rows = 0;
    let last = 0;
    for await (const line of lines) {
      last = Math.max(last, line.t);
      if (!entry && isUpgrade(line)) {
        entry = { header, upgrade: line, isFirst: before.length === 0 };
        this.#begin(entry, started);
        if (!entry.isFirst) before.push(line);
        continue;
      }
      const row = rowOf(line, started);
      if (!row) {
        before.push(line);
        this.#noteLine(line);
        continue;
      }
      if (!entry) {
        entry = { header, upgrade: undefined, isFirst: false };
        this.#begin(entry, started);
      }
      const above = before.length === 0 ? row : { ...row, _wsctlBefore: before };
      before = [];
      this.#text += `${rows++ === 0 ? "\n" : ",\n"}${jsonOf(above)}`;
      this.#noteRow(line);
      if (this.#text.length < pieceLength) continue;
      yield this.#text;
      this.#text = "";
    }
    if (!entry) {
      entry = { header, upgrade: undefined, isFirst: false };
      this.#begin(entry, started);
    }
    const after = before.length === 0 ? "" : `,"_wsctlAfter":${jsonOf(before)}`;
    const timings = jsonOf(timingsOf(entry.upgrade, last));
    this.#text += `]${after},"time":${last},"timings":${timings}}`;
  }

  #begin({ header, upgrade, isFirst }: Entry, started: number): void {
    const { request, response } = requestAndResponse(header, upgrade);
    const extras = isFirst && upgrade ? `"_wsctlUpgrade":${jsonOf(upgradeExtras(upgrade))},` : "";
    this.#text +=
      `{"startedDateTime":"${new Date(started).toISOString()}","_resourceType":"websocket",` +
      `"_wsctlHeader":${jsonOf(header)},${extras}"request":${jsonOf(request)},` +
      `"response":${jsonOf(response)},"cache":{},"_webSocketMessages":[`;
  }

  #noteLine(line: KnownLine | OtherLine): void {
    const names: Record<string, string> = {
      upgrade: "later upgrades",
      gap: "gaps",
      mark: "marks",
      close: "ends without a close frame",
    };
    // How many messages there were is nothing that anybody misses.
    if (line.k === "end") return;
    this.#notes.count(Object.hasOwn(names, line.k) ? names[line.k]! : "lines of unknown kinds");
  }

  #noteRow(line: KnownLine | OtherLine): void {
    if (!isMessage(line)) return;
    const isPlain = line.wire === undefined && line.frags === undefined && line.rsv1 === undefined;
    if (!isPlain) this.#notes.count("bytes of messages on the wire");
    if (line.op === 1 && line.b64 !== undefined) this.#notes.count("texts that are not UTF-8");
  }
}

/** What an entry begins with. */
interface Entry {
  readonly header: RecordingHeader;
  readonly upgrade: UpgradeLine | undefined;
  /** Whether the upgrade is the first line, which an entry says by its place. */
  readonly isFirst: boolean;
}

function rowOf(line: KnownLine | OtherLine, started: number): object | undefined {
  const at = { time: (started + line.t) / 1000, t: line.t };
  if (isMessage(line)) return rowOfMessage(line, at);
  return isClose(line) ? rowOfClose(line, at) : undefined;
}

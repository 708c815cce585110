/**
 * Owns the Take: one connection of a recording, as a server plays it. Small ones are kept in memory,
 * for all clients together; of large ones each client reads the file for itself, piece by piece.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { headerValue } from "../frame/upgrade.js";
import type { RecordingHeader, UpgradeLine } from "../recording/line.js";
import { readRecording } from "../recording/reader.js";
import { pathOf } from "../serve/target.js";
import { bytesFrom, LineOffsets } from "./mock-lines.js";
import type { MockLookup } from "./mock-lookup.js";
import { stepOf, type MockStep } from "./mock-step.js";

/** One connection of a recording. */
export interface Take {
  /** The file's name, and which connection of it where there are several. */
  readonly name: string;
  /** What was asked for; empty where nobody knows. */
  readonly target: string;
  readonly path: string;
  /** The subprotocol that was agreed; empty if none. */
  readonly subprotocol: string;
  /** Whether permessage-deflate was agreed to. */
  readonly isCompressed: boolean;
  /** The answer to the upgrade, where that was no 101. */
  readonly refused: UpgradeLine | undefined;
  /** When it was opened, in ms since the recording began. */
  readonly opened: number;
  /** Messages of the client. */
  readonly hears: number;
  /** Messages of the server of which something was redacted. */
  readonly redacted: number;
  /** Where messages of the client can be found; with `lookup` only. */
  readonly lookup: MockLookup | undefined;
  /**
   * What happens, from the beginning or from a position that the lookup gave: a step `hear`.
   * @throws WsctlError WSCTL_EUSAGE when the file is not what it was
   */
  steps(from?: number): AsyncIterable<MockStep>;
}

/** What is said of reading. */
interface TakeOptions {
  /** Makes what finds messages of the client; without it they are not looked for. */
  readonly lookup?: (() => MockLookup) | undefined;
  /** Whether to go on behind lines that are none. */
  readonly salvage?: boolean | undefined;
  /** Told of such lines, and of a torn end. */
  readonly onProblem?: ((file: string, line: number, what: string) => void) | undefined;
}

/** Payloads in memory: of one file, and of all files together, in bytes. */
const mostOfFile = 8 * 1024 ** 2;
const mostOfAll = 64 * 1024 ** 2;
/** A file with more bytes for each byte in memory is not even tried: what it held would be in the way. */
const mostBytesOfLines = 4;
/** What a step costs beside its payload. */
const stepCost = 200;
/** More connections than this are no conversation with a server any more. */
const mostTakes = 100_000;

/**
 * Reads the connections of recordings, in their order.
 * @throws WsctlError WSCTL_EUSAGE for what is no recording
 */
export async function readTakes(
  files: readonly string[],
  options: TakeOptions = {},
): Promise<Take[]> {
  const takes: Take[] = [];
  let left = mostOfAll;
  for (const file of files) {
    const scan = new Scan(file, Math.min(left, mostOfFile), options);
    takes.push(...(await scan.read()));
    left -= scan.kept;
  }
  return takes;
}

/** A take that is still being read. */
interface Draft {
  upgrade: UpgradeLine | undefined;
  opened: number;
  hears: number;
  redacted: number;
  /** Where its first line begins, in bytes. */
  readonly start: number;
  readonly steps: MockStep[];
  readonly lookup: MockLookup | undefined;
}

/** The reading of one file. */
class Scan {
  /** Bytes that are kept in memory. */
  kept = 0;
  readonly #file: string;
  readonly #most: number;
  readonly #options: TakeOptions;
  readonly #drafts: Draft[] = [];
  #isKept = true;

  constructor(file: string, most: number, options: TakeOptions) {
    this.#file = file;
    this.#most = most;
    this.#options = options;
  }

  async read(): Promise<Take[]> {
    const file = this.#file;
    const before = await facts(file);
    this.#isKept = before.size <= mostBytesOfLines * this.#most;
    const offsets = new LineOffsets(file);
    const { salvage = false, onProblem } = this.#options;
    const recorded = readRecording(offsets.bytes(), {
      name: file,
      salvage,
      onProblem: (line, what) => onProblem?.(file, line, what),
    });
    let header: RecordingHeader;
    try {
      header = await recorded.header;
      for await (const { number, line } of recorded) {
        // Asked for each line: what is asked for no more is forgotten.
        const start = offsets.startOf(number);
        if (line.k === "upgrade") this.#begin(line as UpgradeLine, start);
        // Of what is not kept, only what the client says is of any use.
        const step = this.#isKept || line.k === "out" ? stepOf(line) : undefined;
        if (step) this.#take(step, start);
        const draft = this.#drafts.at(-1);
        if (draft && line.k === "in" && "redacted" in line) draft.redacted++;
      }
    } catch (error) {
      throw ofFile(file, error);
    }
    if (this.#drafts.length === 0) {
      const what = `${safeLine(file, 100)} has nothing to replay: no connection, and no message`;
      throw new WsctlError("WSCTL_EUSAGE", what, {
        hint: "look at it with `wsctl recording show`",
      });
    }
    return this.#drafts.map((draft, index) => this.#finished(draft, index, header, before.id));
  }

  #begin(upgrade: UpgradeLine | undefined, start: number): Draft {
    if (this.#drafts.length >= mostTakes) {
      throw new WsctlError("WSCTL_EUSAGE", `it has more than ${mostTakes} connections`);
    }
    const draft: Draft = {
      upgrade,
      opened: upgrade?.t ?? 0,
      hears: 0,
      redacted: 0,
      start,
      steps: [],
      lookup: this.#options.lookup?.(),
    };
    this.#drafts.push(draft);
    return draft;
  }

  #take(step: MockStep, start: number): void {
    // Written by hand, a recording may have no upgrade.
    const draft = this.#drafts.at(-1) ?? this.#begin(undefined, start);
    if (step.kind === "hear") {
      draft.hears++;
      draft.lookup?.add(step, this.#isKept ? draft.steps.length : start, start);
    }
    if (!this.#isKept) return;
    draft.steps.push(step);
    this.kept += stepCost + ("payload" in step ? step.payload.length : 0);
    if (this.kept <= this.#most) return;
    this.#isKept = false;
    this.kept = 0;
    for (const each of this.#drafts) {
      each.steps.length = 0;
      each.lookup?.leaveMemory();
    }
  }

  #finished(draft: Draft, index: number, header: RecordingHeader, before: string): Take {
    const { upgrade, opened, hears, redacted, start, steps, lookup } = draft;
    const response = upgrade?.response ?? [];
    const target = upgrade?.target ?? targetOf(header.url);
    const name = safeLine(path.basename(this.#file), 80);
    const file = this.#file;
    return {
      name: this.#drafts.length > 1 ? `${name} #${index + 1}` : name,
      target,
      path: pathOf(target),
      subprotocol: headerValue(response, "sec-websocket-protocol")?.trim() ?? "",
      isCompressed: /permessage-deflate/i.test(
        headerValue(response, "sec-websocket-extensions") ?? "",
      ),
      refused: upgrade && upgrade.status !== 101 ? upgrade : undefined,
      opened,
      hears,
      redacted,
      lookup,
      steps: this.#isKept
        ? (from) => inMemory(steps, from)
        : (from) => inFile(file, header, { start: from ?? start, before }),
    };
  }
}

// oxlint-disable-next-line require-await -- what is in memory is read as what is in a file
async function* inMemory(steps: readonly MockStep[], from = 0): AsyncGenerator<MockStep> {
  for (let at = from; at < steps.length; at++) yield steps[at]!;
}

/** Where to begin, and what the file was when it was looked through. */
interface Place {
  readonly start: number;
  readonly before: string;
}

async function* inFile(
  file: string,
  header: RecordingHeader,
  { start, before }: Place,
): AsyncGenerator<MockStep> {
  if ((await facts(file)).id !== before) {
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)} has changed meanwhile`, {
      hint: "start the server again to play what stands in it now",
    });
  }
  let hasBegun = false;
  for await (const { line } of readRecording(bytesFrom(file, header, start), { salvage: true })) {
    // The next connection is another client's.
    if (line.k === "upgrade" && hasBegun) return;
    hasBegun = true;
    const step = stepOf(line);
    if (step) yield step;
  }
}

/** How large a file is, and what tells whether it is what it was. @throws WsctlError WSCTL_EUSAGE */
async function facts(file: string): Promise<{ readonly size: number; readonly id: string }> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    return { size, id: `${size} ${mtimeMs} ${ino}` };
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${safeLine(file, 100)}`, {
      cause,
      where: [safeLine(messageOf(cause))],
    });
  }
}

/** What reading came to, as an error that says which file it was. */
function ofFile(file: string, error: unknown): WsctlError {
  if (error instanceof WsctlError) return error;
  const why = messageOf(error).replace(/, \w+( '.*')?$/s, "");
  const message = `cannot read ${safeLine(file, 100)}: ${safeLine(why)}`;
  return new WsctlError("WSCTL_EUSAGE", message, { cause: error });
}

function targetOf(url: string): string {
  if (!URL.canParse(url)) return "";
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/**
 * Owns what is recorded of a conversation: one file at a time, over every session that takes part in
 * it, and what there is to say of that file.
 */
import { unlink } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { formatCount, formatSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { Recorder } from "../recording/recorder.js";
import { type Keeping, keepSession } from "../session/keep.js";
import type { Session } from "../session/session.js";
import { pathOf } from "./files.js";

/** How a conversation can be recorded. */
export interface TapeSource {
  /**
   * Begins a recording, or goes on with one.
   * @param url the address of the session
   * @throws WsctlError WSCTL_EUSAGE for a file that is there already, or cannot be made
   */
  readonly open: (path: string, url: string) => Promise<Recorder>;
  /** Whether a file that is there is gone on with. */
  readonly appends: boolean;
}

/** Who is told of what befalls a recording. */
interface TapeWitness {
  /** The disk takes no more: told at once. */
  readonly onTrouble: (error: WsctlError) => void;
  /** It takes again; a line. */
  readonly onNote: (line: string) => void;
  /** Whether the disk is behind has changed. */
  readonly onPressure?: () => void;
}

/** What came of one file. */
export interface Recorded {
  /** A line that tells of it, safe for a terminal. */
  readonly summary: string;
  /** Whether the disk has refused something. */
  readonly hasFailed: boolean;
}

/** A file under way. */
interface Reel {
  readonly name: string;
  readonly recorder: Recorder;
  /** The present session. */
  keeping: Keeping | undefined;
  /** Of the sessions before it. */
  gaps: number;
  isEmpty: boolean;
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Waits for the work, or until nobody wants to wait any longer; the work may go on then. */
async function settled(
  work: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<"done" | "aborted"> {
  let stop = (): void => {};
  const aborted = new Promise<"aborted">((resolve) => {
    stop = () => resolve("aborted");
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
  });
  const done = work.then(
    () => "done" as const,
    () => "done" as const,
  );
  try {
    return await Promise.race([done, aborted]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The recording of one conversation. */
export class Tape {
  /** Whether a disk has refused something, in any file so far. */
  hasFailed = false;
  readonly #source: TapeSource;
  readonly #witness: TapeWitness;
  #session: Session | undefined = undefined;
  #reel: Reel | undefined = undefined;
  #isStarting = false;

  constructor(source: TapeSource, witness: TapeWitness) {
    this.#source = source;
    this.#witness = witness;
  }

  /** Whether what passes waits in memory for the disk. */
  get isBehind(): boolean {
    return this.#reel?.recorder.behind ?? false;
  }

  /** How it stands, in a line that is safe for a terminal; undefined when nothing is recorded. */
  get status(): string | undefined {
    return this.#reel && `recording to ${this.#told(this.#reel)}`;
  }

  /** Hears this session from now on, in place of the one before, which is left. */
  follow(session: Session): void {
    this.#session = session;
    const reel = this.#reel;
    if (!reel) return;
    this.#part(reel)?.leave();
    reel.keeping = keepSession(session, reel.recorder);
  }

  /**
   * Begins to record.
   * @param name as it was typed
   * @param url the address of the session
   * @param signal ends the wait for a disk that does not answer
   * @throws WsctlError WSCTL_EUSAGE when something is recorded already, or the file cannot be;
   *   WSCTL_EABORTED on the signal
   */
  async start(name: string, url: string, signal?: AbortSignal): Promise<void> {
    const present = this.#reel?.name;
    if (present !== undefined || this.#isStarting) {
      const where = present === undefined ? "" : ` to ${safeLine(present)}`;
      throw new WsctlError("WSCTL_EUSAGE", `this is being recorded${where} already`, {
        hint: "/record stop ends that",
      });
    }
    this.#isStarting = true;
    let recorder: Recorder;
    try {
      const opening = this.#source.open(pathOf(name), url);
      if ((await settled(opening, signal)) === "aborted") {
        throw new WsctlError(
          "WSCTL_EABORTED",
          `interrupted: ${safeLine(name)} could not be opened`,
        );
      }
      recorder = await opening;
    } finally {
      this.#isStarting = false;
    }
    const { onTrouble, onNote, onPressure } = this.#witness;
    recorder.on("trouble", (error) => {
      this.hasFailed = true;
      onTrouble(error);
    });
    recorder.on("recovered", (missed) => {
      const lacking = missed === 0 ? "nothing is" : counted(missed, "message");
      onNote(`the disk takes the recording again: ${lacking} missing`);
    });
    if (onPressure) recorder.on("pressure", onPressure);
    const session = this.#session;
    const keeping = session && keepSession(session, recorder);
    this.#reel = { name, recorder, keeping, gaps: 0, isEmpty: true };
  }

  /** @throws WsctlError WSCTL_EUSAGE when nothing is recorded */
  mark(text: string): void {
    const reel = this.#running();
    reel.isEmpty = false;
    reel.recorder.mark(text);
  }

  /**
   * Ends the recording, if there is one. A file in which nothing has been recorded does not stay.
   * @param signal leaves what a disk that does not answer has not taken
   * @returns what came of it
   */
  async stop(signal?: AbortSignal): Promise<Recorded | undefined> {
    const reel = this.#reel;
    if (!reel) return undefined;
    this.#reel = undefined;
    this.#part(reel)?.stop();
    const { name, recorder } = reel;
    if ((await settled(recorder.finish(), signal)) === "aborted") {
      this.hasFailed = true;
      const left = formatSize(recorder.pending);
      const told = `the disk does not answer: ${left} are not written to ${safeLine(name)}`;
      return { summary: told, hasFailed: true };
    }
    const hasFailed = recorder.failed !== undefined;
    this.hasFailed ||= hasFailed;
    if (reel.isEmpty && !hasFailed && !this.#source.appends) {
      await unlink(pathOf(name)).catch(() => {});
      return { summary: `nothing was recorded: ${safeLine(name)} was not kept`, hasFailed };
    }
    const { failed } = recorder;
    const lacks = failed ? `; not all of it: ${safeLine(failed.message)}` : "";
    return { summary: `recorded ${this.#told(reel)}${lacks}`, hasFailed };
  }

  #running(): Reel {
    if (this.#reel) return this.#reel;
    throw new WsctlError("WSCTL_EUSAGE", "nothing is being recorded", {
      hint: "/record FILE begins",
    });
  }

  /** What it has heard of its session counts; the session itself is for the caller to stop. */
  #part(reel: Reel): Keeping | undefined {
    const { keeping } = reel;
    reel.keeping = undefined;
    reel.gaps += keeping?.gaps ?? 0;
    if (keeping?.isEmpty === false) reel.isEmpty = false;
    return keeping;
  }

  #told({ name, recorder, keeping, gaps }: Reel): string {
    const { in: came, out: went, bytes: written, missed } = recorder.counts;
    // What has been said is told, whether the disk has taken it by now or not.
    const bytes = written + recorder.pending;
    const all = gaps + (keeping?.gaps ?? 0);
    return [
      `${safeLine(name)}: ${formatCount(went)} sent, ${formatCount(came)} received`,
      ...(bytes > 0 ? [formatSize(bytes)] : []),
      ...(all > 0 ? [counted(all, "gap")] : []),
      ...(missed > 0 ? [`${counted(missed, "message")} missing`] : []),
    ].join(", ");
  }
}

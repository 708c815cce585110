/** Owns the recording of one connection: its file, what is written when, and trouble with the disk. */
import path from "node:path";
import { messageOf } from "../base/errors.js";
import type { CloseStatus } from "../frame/close.js";
import type { Header, UpgradeRequest } from "../frame/upgrade.js";
import { Recorder } from "../recording/recorder.js";
import type { Direction } from "../session/session-events.js";
import type { Instead } from "./interference.js";
import type { RecordOptions } from "./options.js";
import { sizeWords } from "./size-words.js";
import type { Heard } from "./tap.js";

/** What a keeper needs of its connection. */
export interface KeeperOptions {
  readonly record: RecordOptions;
  readonly connection: number;
  /** Where it leads. */
  readonly url: string;
  /** Told of trouble, once for each. */
  readonly trouble: (text: string) => void;
  /** The recording is behind, or has caught up. */
  readonly pressure: (isOn: boolean) => void;
}

/** Keeps one connection. */
export class Keeper {
  readonly file: string;
  readonly #recorder: Recorder;
  #isClosed = false;

  private constructor(file: string, recorder: Recorder) {
    this.file = file;
    this.#recorder = recorder;
  }

  /** @throws WsctlError WSCTL_EUSAGE when the file cannot be made */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const { record, connection, url, trouble, pressure } = options;
    const startedAt = new Date();
    const start = performance.now();
    const file = path.join(record.directory, nameOf(startedAt, connection));
    const recorder = await Recorder.open({
      path: file,
      url,
      tool: record.tool,
      startedAt,
      now: () => performance.now() - start,
      pausable: record.pause,
      fsync: record.fsync,
      // Whoever goes on with a recording is kept out while it is made.
      isAlone: true,
      redactor: record.redactor?.(connection),
    });
    recorder.on("trouble", (error) => trouble(messageOf(error)));
    recorder.on("pressure", pressure);
    return new Keeper(file, recorder);
  }

  /** Whether the disk made trouble. */
  get failed(): boolean {
    return this.#recorder.failed !== undefined;
  }

  /** The upgrade was answered. */
  upgrade(
    request: UpgradeRequest,
    status: number,
    response: readonly Header[],
    phases: Readonly<Record<string, number>>,
  ): void {
    const { target, headers } = request;
    this.#recorder.upgrade({ status, target, request: headers, response, phases });
  }

  message(direction: Direction, heard: Heard): void {
    const { opcode: op, payload, wire, frags, compressed } = heard;
    if (!payload) {
      const { missing = "broken" } = heard;
      this.#recorder.gap({ why: missing, missed: 1 });
      if (missing.endsWith("too large")) {
        const loses =
          missing === "far too large" ? "; what refers to it cannot be read either" : "";
        const which = `a message of ${sizeWords(heard)} (${direction}, opcode ${op})`;
        this.#recorder.mark(`left out: ${which}${loses}`);
      }
      return;
    }
    this.#recorder.message({
      direction,
      op,
      payload,
      wire,
      frags,
      rsv1: compressed,
    });
  }

  control(direction: Direction, op: number, payload: Buffer): void {
    this.#recorder.message({ direction, op, payload });
  }

  /** One direction cannot be read any further. */
  broken(): void {
    this.#recorder.gap({ why: "broken" });
  }

  /** @param instead what went on in the place of the message before */
  mark(text: string, instead?: Instead): void {
    this.#recorder.mark(text, instead && { op: instead.opcode, payload: instead.payload });
  }

  /** The first close frame, or the end without one; only the first call counts. */
  close(by: "client" | "server" | "proxy" | "nobody", { code, reason }: CloseStatus): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Neither side of the recording did: to whoever says it again it was cut off.
    if (by === "proxy") this.#recorder.mark(`the proxy ended the connection: ${code}`);
    this.#recorder.close(
      by === "proxy" ? { by: "nobody", code: 1006, reason: "" } : { by, code, reason },
    );
  }

  /** Ends the file in good order. */
  finish(): Promise<void> {
    return this.#recorder.finish();
  }
}

/** Nothing of what a client or a server says gets into the name. */
function nameOf(at: Date, connection: number): string {
  const stamp = at.toISOString().replace(/[-:]/g, "").replace(".", "-");
  return `${stamp}-${connection}.wsrec`;
}

/**
 * Owns appending whole lines to a file: one write at a time, and what comes meanwhile goes out together
 * in the next, so that a crash tears at most the last line. A disk that refuses is tried again every
 * second; what it took of a line is cut off, and nothing that was written is lost.
 */
import type { Disk } from "./disk.js";
import { PendingLines, wholeLines } from "./pending-lines.js";

/** When written bytes are forced to the disk: never, once a second, or after each write. */
export type Fsync = "none" | "1s" | "each";

/** How to append. */
export interface AppendOptions {
  readonly disk: Disk;
  /** Bytes that are in the file already. */
  readonly length: number;
  readonly fsync: Fsync;
  /** Told after each write, when less is pending. */
  readonly drained: () => void;
  /** Told at once when the disk refuses; once until it has recovered. */
  readonly refused: (error: unknown) => void;
  /** Told when all that was pending is written. */
  readonly recovered: () => void;
}

/** Milliseconds. */
const retryAfter = 1000;
const syncEvery = 1000;

/** A file that grows by whole lines. */
export class AppendFile {
  readonly #options: AppendOptions;
  readonly #disk: Disk;
  readonly #syncTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** Those that no write has taken. */
  readonly #lines = new PendingLines();
  #underWay = 0;
  /** Where the last whole line ends. */
  #length: number;
  /** Bytes that stand behind that. */
  #torn = 0;
  #isUnsynced = false;
  #syncing: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #isRefused = false;
  #isUnsafe = false;
  #isClosed = false;

  constructor(options: AppendOptions) {
    this.#options = options;
    this.#disk = options.disk;
    this.#length = options.length;
    if (options.fsync === "1s") {
      this.#syncTimer = setInterval(() => void this.#sync(), syncEvery).unref();
    }
  }

  /** Bytes that are not written yet. */
  get pending(): number {
    return this.#lines.length + this.#underWay;
  }

  /** Bytes of whole lines whose write has returned. */
  get length(): number {
    return this.#length;
  }

  /** Whether the disk has refused, and has not been seen to recover. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** @param line with its line break */
  add(line: string): void {
    if (this.#isClosed) return;
    this.#lines.add(line);
    if (!this.#isRefused) this.#start();
  }

  /**
   * Writes what is pending, forces it to the disk unless that is not wanted, and closes the file. It
   * does not throw.
   * @returns the lines that could not be written
   */
  async finish(): Promise<readonly string[]> {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#syncTimer);
    await this.#written();
    if (this.#lines.length > 0 || this.#torn > 0) {
      this.#start();
      await this.#written();
    }
    if (this.#options.fsync !== "none") await this.#sync();
    await this.#disk.close().catch((error: unknown) => this.#refuse(error));
    return this.#lines.drain();
  }

  async #written(): Promise<void> {
    // The end of one may have begun the next.
    while (this.#writing) await this.#writing;
    clearTimeout(this.#retryTimer);
  }

  #start(): void {
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
      // What came when the last write was over already.
      if (this.#lines.length > 0 && !this.#isRefused) this.#start();
    });
  }

  /** Writes until nothing is left, or the disk refuses. It never throws. */
  async #drain(): Promise<void> {
    try {
      if (this.#torn > 0) await this.#cut();
      for (;;) {
        const bytes = this.#lines.take();
        if (bytes === undefined) break;
        this.#underWay = bytes.length;
        await this.#write(bytes);
        if (this.#options.fsync === "each") await this.#disk.sync();
        this.#underWay = 0;
        this.#options.drained();
      }
    } catch (error) {
      this.#underWay = 0;
      this.#refuse(error);
      if (this.#isClosed) return;
      this.#retryTimer = setTimeout(() => this.#start(), retryAfter).unref();
      return;
    }
    if (!this.#isRefused) return;
    this.#isRefused = false;
    this.#options.recovered();
  }

  /** Writes these lines; of what is refused, whole ones stay written and the others pending. */
  async #write(bytes: Buffer): Promise<void> {
    let done = 0;
    await this.#demandAlone().catch((error: unknown) => {
      this.#underWay = 0;
      this.#lines.putBack(bytes);
      throw error;
    });
    try {
      while (done < bytes.length) {
        const taken = await this.#disk.write(bytes, done, this.#length + done);
        if (taken === 0) throw new Error("the disk takes nothing");
        done += taken;
      }
    } catch (error) {
      await this.#keepWhole(bytes, done);
      throw error;
    }
    this.#length += done;
    this.#isUnsynced = true;
  }

  async #keepWhole(bytes: Buffer, done: number): Promise<void> {
    const whole = wholeLines(bytes, done);
    this.#length += whole;
    this.#underWay = 0;
    this.#lines.putBack(bytes.subarray(whole));
    if (done === whole) return;
    this.#torn = done - whole;
    // Where even that is refused, it is done before the next write.
    await this.#cut().catch(() => {});
  }

  async #cut(): Promise<void> {
    await this.#demandAlone();
    await this.#disk.truncate(this.#length);
    this.#torn = 0;
  }

  /** What another has written there is neither written over nor cut off. */
  async #demandAlone(): Promise<void> {
    if ((await this.#disk.size()) === this.#length + this.#torn) return;
    throw new Error("something else writes to it");
  }

  async #sync(): Promise<void> {
    if (!this.#isUnsynced && this.#syncing === undefined) return;
    await this.#syncing;
    this.#isUnsynced = false;
    this.#syncing = this.#force().finally(() => (this.#syncing = undefined));
    await this.#syncing;
  }

  /** What the disk has lost cannot be written again: it is said once, and the recording goes on. */
  async #force(): Promise<void> {
    try {
      await this.#disk.sync();
      this.#isUnsafe = false;
    } catch (error) {
      if (!this.#isUnsafe) this.#options.refused(error);
      this.#isUnsafe = true;
    }
  }

  #refuse(error: unknown): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#options.refused(error);
  }
}

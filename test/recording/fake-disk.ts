/** Owns a disk in memory for tests: it can be slow, take less than it is given, be full or broken. */
import type { Disk } from "../../src/recording/disk.js";

export class FakeDisk implements Disk {
  bytes = Buffer.alloc(0);
  /** How much it holds. */
  room = Infinity;
  /** How much it takes at a time. */
  most = Infinity;
  /** What it says to everything, if anything. */
  error: NodeJS.ErrnoException | undefined;
  writes = 0;
  syncs = 0;
  isClosed = false;
  #gate: Promise<void> = Promise.resolve();
  #open = (): void => {};

  get text(): string {
    return this.bytes.toString("utf8");
  }

  /** Every write waits until {@link release}. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
  }

  async write(bytes: Buffer, from: number, position: number): Promise<number> {
    this.writes++;
    await this.#gate;
    if (this.error) throw this.error;
    const taken = Math.min(this.most, bytes.length - from, this.room - position);
    if (taken <= 0) throw failure("ENOSPC");
    const end = Math.max(this.bytes.length, position + taken);
    const grown = Buffer.alloc(end);
    this.bytes.copy(grown);
    bytes.copy(grown, position, from, from + taken);
    this.bytes = grown;
    return taken;
  }

  async size(): Promise<number> {
    return this.bytes.length;
  }

  async truncate(length: number): Promise<void> {
    if (this.error) throw this.error;
    this.bytes = this.bytes.subarray(0, length);
  }

  async sync(): Promise<void> {
    this.syncs++;
    if (this.error) throw this.error;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

export function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

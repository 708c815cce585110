/**
 * Owns the Host: everything of the process that commands may touch (arguments, environment, streams,
 * signals, clocks), in one object that tests can fake.
 */
import { readFileSync } from "node:fs";
import { arch, cpus, platform, release } from "node:os";
import type { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import type { RunEnvironment } from "../metrics/run-result.js";

/** A stream that is written to. */
export interface OutStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(bytes: string | Uint8Array): boolean;
  once(event: "drain" | "close", listener: () => void): unknown;
}

/** A stream that may lead to a terminal, whose size changes. */
export interface HostOutput extends OutStream {
  readonly rows?: number | undefined;
  /** Bytes that have not been taken. */
  readonly writableLength?: number | undefined;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** Where a person types, if it is a terminal. */
type HostInput = Readable & {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
};

/** The signals that end a command. */
export type EndSignal = "SIGINT" | "SIGTERM";

/** The process as commands see it. */
export interface Host {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: HostInput;
  readonly stdout: HostOutput;
  readonly stderr: OutStream;
  /** Calls `listener` at each such signal, in place of the default, until the returned undo. */
  onSignal(listener: (signal: EndSignal) => void): () => void;
  /**
   * Calls `listener` when the reader of stdout has gone, in place of the default, which is to leave at
   * once, until the returned undo.
   */
  onReaderGone(listener: () => void): () => void;
  /**
   * Calls `listener` each time that stdout could not be written, as on a full disk, in place of the
   * default, which is to leave at once, from now on.
   */
  onOutputLost(listener: (error: Error) => void): void;
  /** The machine's monotonic clock in ms, the same for all its processes. */
  monotonic(): number;
  date(): Date;
  /**
   * For commands through which gigabytes pass: what lives shortly is collected more often, instead of
   * letting V8 take some 30 MiB more for it. What it has taken by then stays.
   */
  spareMemory(): void;
  /** What a result says of where it was made. */
  readonly environment: RunEnvironment;
  /** How to start this program again: the interpreter and the script. */
  readonly self: readonly [command: string, script: string];
}

/** The version in package.json. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** The real process. */
export function processHost(): Host & {
  readerGone(): boolean;
  outputLost(error: Error): boolean;
} {
  const readers = new Set<() => void>();
  const losers = new Set<(error: Error) => void>();
  return {
    /** To be called when the reader of stdout has gone; false when nobody minds. */
    readerGone() {
      for (const listener of readers) listener();
      return readers.size > 0;
    },
    onReaderGone(listener) {
      readers.add(listener);
      return () => void readers.delete(listener);
    },
    /** To be called when stdout could not be written; false when nobody goes on without. */
    outputLost(error) {
      for (const listener of losers) listener(error);
      return losers.size > 0;
    },
    onOutputLost(listener) {
      losers.add(listener);
    },
    args: process.argv.slice(2),
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal(listener) {
      process.on("SIGINT", listener);
      process.on("SIGTERM", listener);
      return () => {
        process.off("SIGINT", listener);
        process.off("SIGTERM", listener);
      };
    },
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    date: () => new Date(),
    spareMemory: () => setFlagsFromString("--semi-space-growth-factor=1"),
    environment: {
      wsctl: version(),
      node: process.versions.node,
      os: `${platform()} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
    },
    self: [process.execPath, process.argv[1] ?? ""],
  };
}

/** Owns a Host that is no process: what is written is kept, signals come from the test. */
import { Readable } from "node:stream";
import type { EndSignal, Host, HostOutput } from "../../src/cli/host.js";
import { run } from "../../src/cli/run.js";

/** A stream that keeps what is written. */
class Kept implements HostOutput {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 100;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(bytes: string | Uint8Array): boolean {
    this.text += typeof bytes === "string" ? bytes : Buffer.from(bytes).toString();
    return true;
  }

  once(): unknown {
    return this;
  }

  on(): unknown {
    return this;
  }

  off(): unknown {
    return this;
  }
}

/** How the process is to look. */
export interface HostOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdoutTTY?: boolean;
  readonly stderrTTY?: boolean;
}

/** The fake, and what a test does with it. */
export interface FakeHost extends Host {
  readonly stdout: Kept;
  readonly stderr: Kept;
  /** Sends a signal to whoever listens. */
  signal(name: EndSignal): void;
  /** How many listen for signals. */
  readonly listeners: () => number;
}

export function fakeHost(args: readonly string[], options: HostOptions = {}): FakeHost {
  const listeners = new Set<(signal: EndSignal) => void>();
  return {
    args,
    env: options.env ?? {},
    stdin: Readable.from([]),
    stdout: new Kept(options.stdoutTTY ?? false),
    stderr: new Kept(options.stderrTTY ?? false),
    onSignal(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signal(name) {
      for (const listener of listeners) listener(name);
    },
    listeners: () => listeners.size,
    onOutputLost() {},
    onReaderGone: () => () => {},
    monotonic: () => performance.now(),
    date: () => new Date(0),
    spareMemory: () => {},
    environment: { wsctl: "0", node: "20", os: "test", cpu: "none", cores: 2 },
    self: ["/nonexistent/node", "/nonexistent/wsctl.js"],
  };
}

/** What came of an invocation. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs wsctl with those arguments in this process. */
export async function wsctl(args: readonly string[], options: HostOptions = {}): Promise<Ran> {
  const host = fakeHost(args, options);
  const code = await run(host);
  return { code, stdout: host.stdout.text, stderr: host.stderr.text };
}

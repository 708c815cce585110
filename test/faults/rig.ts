/** Owns the host of the tests of faults: it writes down what leaves, under a clock that it sets. */
import { afterEach, beforeEach, vi } from "vitest";
import { FaultSet, type FaultLine } from "../../src/faults/fault-set.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { frameRecorder } from "../frame/recorder.js";

/** A 101 with the accept value of the RFC's example key. */
export const head = Buffer.from(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZgRcKULk=\r\n\r\n",
);

/** Runs the tests of a file under a clock that only `vi.advanceTimersByTime` moves. */
export function useFakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export function text(payload: string): Buffer {
  return encodeFrame({ opcode: 1 }, Buffer.from(payload));
}

/** @param payload one character is one byte */
export function control(opcode: number, payload = ""): Buffer {
  return encodeFrame({ opcode }, Buffer.from(payload, "latin1"));
}

/** A close frame of a client. */
export const clientClose = encodeFrame({ opcode: 8, mask: 0x01020304 }, Buffer.from([0x03, 0xe8]));

/** One line under some faults. */
export interface Rig {
  readonly set: FaultSet;
  readonly line: FaultLine;
  /** Every write, and `FIN` and `RST`. */
  readonly left: (Buffer | "FIN" | "RST")[];
  readonly injected: Map<string, number>;
  /** Messages that did not leave, less those that only faults sent. */
  undelivered: number;
  /** Whether the client is read from. */
  reads: boolean;
  /** Bytes that the kernel does not take. */
  backlog: number;
  /** All bytes that left. */
  readonly bytes: () => Buffer;
  /** What left since the last call, as people read it: `101`, `text hello`, `pong`, `FIN`. */
  readonly said: () => string[];
}

const names = new Map([
  [0, "continuation"],
  [1, "text"],
  [2, "binary"],
  [8, "close"],
  [9, "ping"],
  [10, "pong"],
]);

function describe(bytes: Buffer): string[] {
  const end = bytes.toString("latin1").startsWith("HTTP/") ? bytes.indexOf("\r\n\r\n") + 4 : 0;
  const status = end > 0 ? [bytes.toString("latin1", 9, 12)] : [];
  if (status[0] !== undefined && status[0] !== "101") return status;
  const { reader, frames } = frameRecorder({
    maxPayload: Number.MAX_SAFE_INTEGER,
    allowRsv1: true,
  });
  reader.feed(bytes, end, bytes.length);
  return status.concat(
    frames.map(({ opcode, payload }) => {
      const data = Buffer.from(payload, "hex");
      const said =
        opcode === 8 && data.length >= 2 ? String(data.readUInt16BE(0)) : data.toString();
      return `${names.get(opcode)} ${said}`.trim();
    }),
  );
}

/** A line of a set, its handshake still to come unless told. */
export function lineOf(set: FaultSet, index = 0, opened = false, extensions = ""): Rig {
  const left: (Buffer | "FIN" | "RST")[] = [];
  const injected = new Map<string, number>();
  let told = 0;
  const facts = { set, left, injected, undelivered: 0, reads: true, backlog: 0 };
  const line = set.line(
    {
      write(bytes, done) {
        left.push(Buffer.from(bytes));
        if (done) queueMicrotask(done);
      },
      end: () => void left.push("FIN"),
      reset: () => void left.push("RST"),
      read: (on) => void (facts.reads = on),
      get backlog() {
        return facts.backlog;
      },
    },
    {
      index,
      opened,
      ...(opened && { extensions }),
      injected: (name, count) => void injected.set(name, (injected.get(name) ?? 0) + count),
      undelivered: (change) => void (facts.undelivered += change),
    },
  );
  return Object.assign(facts, {
    line,
    bytes: () => Buffer.concat(left.filter((each) => typeof each !== "string")),
    said() {
      const fresh = left.slice(told);
      told = left.length;
      return fresh.flatMap((each) => (typeof each === "string" ? [each] : describe(each)));
    },
  });
}

/** A set with these faults. */
export function setOf(specs: readonly string[], seed = "seed"): FaultSet {
  const backends = { all: ["ws://a/", "ws://b/"], read: (url: string) => url };
  const set = new FaultSet({ seed, now: () => performance.now(), backends });
  for (const spec of specs) set.add(spec);
  return set;
}

/** A line under these faults, its handshake still to come. */
export function rig(...specs: readonly string[]): Rig {
  return lineOf(setOf(specs));
}

/** The same with the handshake done, and forgotten by `said`. */
export function openRig(...specs: readonly string[]): Rig {
  const made = rig(...specs);
  made.line.outgoing(head);
  return made;
}

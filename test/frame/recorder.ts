/** Owns what the codec's tests share: sinks that write down what they are told, and cut bytes. */

import * as fc from "fast-check";
import { FrameReader, type FrameReaderOptions } from "../../src/frame/frame-reader.js";
import { MessageReader, type MessageReaderOptions } from "../../src/frame/message-reader.js";
import { ProtocolViolation } from "../../src/frame/violation.js";

/** One frame as a FrameReader told it, its chunks put together. */
export interface SeenFrame {
  opcode: number;
  fin: boolean;
  rsv: number;
  masked: boolean;
  mask: number;
  length: number;
  wire: number;
  payload: string;
  ended: boolean;
}

/** A FrameReader and the frames it found; payloads in hex. */
export function frameRecorder(options: Partial<FrameReaderOptions> = {}): {
  reader: FrameReader;
  frames: SeenFrame[];
} {
  const frames: SeenFrame[] = [];
  const last = (): SeenFrame => {
    const frame = frames.at(-1);
    if (frame === undefined || frame.ended) throw new Error("no frame has begun");
    return frame;
  };
  const reader = new FrameReader(
    {
      begin: (head) => {
        if (frames.at(-1)?.ended === false) throw new Error("the last frame has not ended");
        frames.push({ ...head, payload: "", ended: false });
      },
      chunk: (buf, start, end) => {
        if (end <= start) throw new Error("an empty chunk");
        last().payload += buf.toString("hex", start, end);
      },
      end: () => {
        last().ended = true;
      },
    },
    { role: "client", maxPayload: 1 << 20, ...options },
  );
  return { reader, frames };
}

/** What a MessageReader told: `[opcode, payload in hex, wire]`, wire 0 for control frames. */
export type Seen = [opcode: number, payload: string, wire: number];

/** A MessageReader and what it found. */
export function messageRecorder(options: Partial<MessageReaderOptions> = {}): {
  reader: MessageReader;
  seen: Seen[];
} {
  const seen: Seen[] = [];
  const reader = new MessageReader(
    {
      message: (opcode, buf, start, end, wire) => {
        seen.push([opcode, buf.toString("hex", start, end), wire]);
      },
      control: (opcode, buf, start, end) => {
        seen.push([opcode, buf.toString("hex", start, end), 0]);
      },
    },
    { role: "client", maxPayload: 1 << 20, ...options },
  );
  return { reader, seen };
}

/** Feeds copies of the pieces between the cuts, each poisoned afterwards as a reused buffer is. */
export function feedCut(
  reader: FrameReader,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
): void {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  edges.sort((a, b) => a - b);
  for (let index = 1; index < edges.length; index++) {
    const piece = bytes.subarray(edges[index - 1], edges[index]);
    const around = Buffer.alloc(piece.length + 7, 0xee);
    around.set(piece, 3);
    reader.feed(around, 3, 3 + piece.length);
    around.fill(0xdd);
  }
}

/** Cuts for {@link feedCut}. */
export const anyCuts = fc.array(fc.nat(2000), { maxLength: 12 });

/** A 32-bit key. */
export const anyMask = fc.nat(0xffff_ffff);

/** The bytes of a hex string that may have spaces. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** The violation that `run` throws; fails for anything else. */
export function violationOf(run: () => void): ProtocolViolation {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof ProtocolViolation) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

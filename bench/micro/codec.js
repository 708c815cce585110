/** Owns the contests of the codec: writing, masking and finding frames, beside `ws`. */
import { Receiver, Sender } from "ws";
import { encodeFrame, frameSize, writeFrame } from "../../dist/frame/encode.js";
import { FrameReader } from "../../dist/frame/frame-reader.js";
import { applyMask } from "../../dist/frame/mask.js";
import { MessageReader } from "../../dist/frame/message-reader.js";
import { Opcode } from "../../dist/frame/opcode.js";

const mask = 0x9a3b_5c71;
const read = 64 * 1024;
const maxPayload = 1024 * 1024;

function encoding(size) {
  const payload = Buffer.alloc(size, "x");
  const frame = { opcode: Opcode.text, mask };
  const length = frameSize(size, true);
  const slab = Buffer.allocUnsafeSlow(read);
  const options = { fin: true, mask: true, opcode: Opcode.text, readOnly: true, rsv1: false };
  return [
    {
      name: "writeFrame into a slab",
      run: (times) => {
        let at = 0;
        for (let i = 0; i < times; i++) {
          at = writeFrame(slab, at + length > read ? 0 : at, frame, payload);
        }
        return at;
      },
    },
    {
      name: "ws Sender.frame",
      run: (times) => {
        let bytes = 0;
        for (let i = 0; i < times; i++) bytes += Sender.frame(payload, options).length;
        return bytes;
      },
    },
  ];
}

/** As many frames as fit into one read, and as bytes. */
function framesOf(size, masked) {
  const frame = { opcode: Opcode.text, ...(masked ? { mask } : {}) };
  const one = encodeFrame(frame, Buffer.alloc(size, "x"));
  const count = Math.floor(read / one.length);
  return { count, bytes: Buffer.concat(Array.from({ length: count }, () => one)) };
}

/** Counts what it is told of. */
class Tally {
  seen = 0;
  begin() {}
  chunk() {}
  end() {
    this.seen++;
  }
  message() {
    this.seen++;
  }
  control() {}
}

/** Feeds whole reads until there were as many frames as asked for. */
function feeding(name, count, feed, seen) {
  return {
    name,
    unit: count,
    run: (times) => {
      for (let i = 0; i < times; i += count) feed();
      return seen();
    },
  };
}

function parsing(size) {
  const { count, bytes } = framesOf(size, false);
  const tally = new Tally();
  const seen = () => tally.seen;
  const frames = new FrameReader(tally, { role: "client", maxPayload });
  const messages = new MessageReader(tally, { role: "client", maxPayload });
  const receiver = new Receiver({ skipUTF8Validation: true, maxPayload });
  receiver.on("message", () => tally.seen++);
  return [
    feeding("FrameReader", count, () => frames.feed(bytes, 0, bytes.length), seen),
    feeding(
      "MessageReader, UTF-8 checked",
      count,
      () => messages.feed(bytes, 0, bytes.length),
      seen,
    ),
    feeding("ws Receiver, not checked", count, () => receiver.write(bytes), seen),
  ];
}

function unmasking(size) {
  const bytes = Buffer.alloc(size, "x");
  return [
    {
      name: "applyMask",
      run: (times) => {
        for (let i = 0; i < times; i++) applyMask(bytes, 0, size, mask, i);
        return bytes[0];
      },
    },
  ];
}

/** @type {import("./contest.js").Contest[]} */
export const codecContests = [
  { name: "encode and mask a frame of 20 bytes", subjects: encoding(20) },
  { name: "encode and mask a frame of 1 KiB", subjects: encoding(1024) },
  { name: "find a frame of 20 bytes, many in a read", subjects: parsing(20) },
  { name: "find a frame of 1 KiB, many in a read", subjects: parsing(1024) },
  { name: "mask 20 bytes in place", subjects: unmasking(20) },
  { name: "mask 1 KiB in place", subjects: unmasking(1024) },
];

/** Owns messages of which one byte is not what it was. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { isControl, Opcode } from "../../frame/opcode.js";
import type { FaultKind } from "../fault.js";
import {
  dataFrames,
  isCompressed,
  makeFrame,
  payloadOf,
  type Frame,
  type Message,
} from "../outgoing.js";

function sizeOf(message: Message): number {
  return dataFrames(message).reduce((sum, frame) => sum + payloadOf(frame).length, 0);
}

/** The frame with that byte of its payload changed; the memory may be shared with a copy. */
function withByte(frame: Frame, at: number, change: (byte: number) => number): Frame {
  const payload = Buffer.from(payloadOf(frame));
  payload[at] = change(payload[at]!);
  const { opcode, fin, rsv } = frame;
  return makeFrame({ opcode, fin, rsv }, payload);
}

/** Changes the payload's byte at `at`, counted over all fragments. */
function changeByte(message: Message, at: number, change: (byte: number) => number): void {
  let before = 0;
  message.frames = message.frames.map((frame) => {
    const size = isControl(frame.opcode) ? 0 : payloadOf(frame).length;
    const here = at - before;
    before += size;
    return here >= 0 && here < size ? withByte(frame, here, change) : frame;
  });
}

/** The payload's byte at `at`. */
function byteAt(message: Message, at: number): number {
  return Buffer.concat(dataFrames(message).map((frame) => payloadOf(frame)))[at]!;
}

/** The first byte of a character of several: another one may ask for other bytes after it. */
function isLead(byte: number): boolean {
  return byte >= 0xc0;
}

export const corrupt: FaultKind = {
  summary: "flips a bit of one byte of a message",
  reveals: "messages are not checked",
  value: {
    what: "valid: text stays valid UTF-8, so that only a check of the message can tell; any: any bit",
    example: "any",
    default: "valid",
  },
  create({ value }) {
    if (value !== "valid" && value !== "any") {
      throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(value)}" is neither valid nor any`, {
        hint: "write corrupt, or corrupt=any",
      });
    }
    return {
      attach: (stage) => ({
        message(message) {
          const size = sizeOf(message);
          if (stage.fires(size > 0)) {
            let at = stage.random.int(0, size - 1);
            const mask = 1 << stage.random.int(0, 7);
            const isText = message.opcode === Opcode.text && !isCompressed(message);
            if (value === "any" || !isText) {
              changeByte(message, at, (byte) => byte ^ mask);
            } else {
              // The lowest bit leaves ASCII in ASCII, and every range of continuation bytes begins
              // with an even one and ends with an odd one (Unicode, table 3-7).
              while (isLead(byteAt(message, at)) && at < size - 1) at++;
              changeByte(message, at, (byte) => byte ^ 1);
            }
            stage.injected();
          }
          stage.pass(message);
        },
      }),
    };
  },
};

export const badUtf8: FaultKind = {
  summary: "puts a byte into a text message that is never part of UTF-8",
  reveals: "garbled text is taken for text",
  create: () => ({
    attach: (stage) => ({
      message(message) {
        const size = sizeOf(message);
        const isText = message.opcode === Opcode.text && !isCompressed(message);
        if (stage.fires(isText && size > 0)) {
          changeByte(message, stage.random.int(0, size - 1), () => 0xff);
          stage.injected();
        }
        stage.pass(message);
      },
    }),
  }),
};

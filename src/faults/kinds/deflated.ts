/** Owns compressed messages of the server's own that no client should take (RFC 7692). */
import { constants, deflateRawSync } from "node:zlib";
import { parseSize } from "../../base/quantity.js";
import { Opcode } from "../../frame/opcode.js";
import type { Fault, FaultHooks, FaultKind } from "../fault.js";
import { makeFrame, makeMessage, type Frame } from "../outgoing.js";
import type { Stage } from "../stage.js";
import { actAfter } from "../when.js";
import { refuse } from "./value.js";

const rsv1 = 4;
/** What ends a flush; the last one is left out (RFC 7692 §7.2.1). */
const tail = 4;
const mebi = 1024 * 1024;
const largestBomb = 4096 * mebi;

/** Acts where compression was agreed; elsewhere it is as if there were no fault. */
function whereAgreed(stage: Stage, act: () => void): FaultHooks {
  const hooks = actAfter(stage, 0, act);
  if (hooks.opened) {
    return {
      opened() {
        if (stage.deflate) hooks.opened?.();
      },
    };
  }
  return {
    message(message) {
      if (stage.deflate) hooks.message?.(message);
      else stage.pass(message);
    },
  };
}

function said(name: string, compression: boolean, frame: (stage: Stage) => Frame): Fault {
  if (!compression) {
    refuse(`${name} needs compression, and this server agrees to none`, "add --compress");
  }
  return {
    attach: (stage) =>
      whereAgreed(stage, () => {
        stage.send(makeMessage([frame(stage)]));
        stage.injected();
      }),
  };
}

/** Zeros, packed so that any window will do: each copies the byte before it. */
function zeros(size: number): Buffer {
  return deflateRawSync(Buffer.alloc(size), {
    level: 9,
    strategy: constants.Z_RLE,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
}

/** That many zeros; a mebibyte of them is packed once, and repeated. */
function bombOf(size: number): Buffer {
  const whole = Math.floor(size / mebi);
  const parts = whole > 0 ? Array<Buffer>(whole).fill(zeros(mebi)) : [];
  if (size % mebi > 0) parts.push(zeros(size % mebi));
  return Buffer.concat(parts).subarray(0, -tail);
}

export const bomb: FaultKind = {
  summary:
    "sends a compressed binary message of zeros, a thousandth of the size that it inflates to; " +
    "only where permessage-deflate was agreed",
  reveals: "inflates without bound",
  value: { what: "what it inflates to, at most 4GiB", example: "1GiB", default: "100MiB" },
  create({ value, compression }) {
    const size = parseSize(value);
    if (size < 1 || size > largestBomb) {
      refuse(`a bomb of ${size} bytes is too ${size < 1 ? "small" : "large"}`, "write 1B to 4GiB");
    }
    let frame: Frame | undefined;
    return said("bomb", compression, () => {
      frame ??= makeFrame({ opcode: Opcode.binary, rsv: rsv1 }, bombOf(size));
      return frame;
    });
  },
};

/** zlib looks back less far than its window, by so many bytes. */
const lookahead = 262;
const saying = Buffer.from("this refers to what was never said");

/** A text that is one copy out of a window of which the receiver has nothing. */
function withoutHistory(bits: number): Buffer {
  const windowBits = Math.max(9, bits);
  const reach = 2 ** windowBits - lookahead;
  const filler = Buffer.alloc(Math.max(0, reach - saying.length - 1), ".");
  const packed = deflateRawSync(saying, {
    windowBits,
    // zlib finds nothing that stands at the very beginning.
    dictionary: Buffer.concat([Buffer.from("."), saying, filler]),
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return packed.subarray(0, -tail);
}

export const deflateContextBreak: FaultKind = {
  summary:
    "sends a compressed text that copies from history that the client does not have; only where " +
    "permessage-deflate was agreed",
  reveals: "silent corruption",
  create: ({ compression }) =>
    said("deflate-context-break", compression, ({ deflate }) =>
      makeFrame({ opcode: Opcode.text, rsv: rsv1 }, withoutHistory(deflate?.bits ?? 15)),
    ),
};

/** Owns lengths of frames that are not in the shortest form, or are no lengths (RFC 6455 §5.2). */
import { safeLine } from "../../base/safe-text.js";
import type { FaultKind } from "../fault.js";
import { payloadOf, type Frame } from "../outgoing.js";
import { refuse } from "./value.js";

/** The frame with its length in so many bytes. */
function withLength(frame: Frame, size: 2 | 8, isNegative: boolean): Frame {
  const payload = payloadOf(frame);
  const start = 2 + size;
  const bytes = Buffer.allocUnsafe(start + payload.length);
  bytes[0] = frame.bytes[0]!;
  bytes[1] = size === 2 ? 126 : 127;
  if (isNegative) bytes.writeBigUInt64BE(2n ** 63n, 2);
  else if (size === 2) bytes.writeUInt16BE(payload.length, 2);
  else bytes.writeBigUInt64BE(BigInt(payload.length), 2);
  bytes.set(payload, start);
  return { ...frame, bytes, start };
}

export const longLength: FaultKind = {
  summary: "gives the length of a frame in a longer form than it needs, or a length of 2^63",
  reveals: "a broken frame does not fail the connection",
  value: {
    what: "16 or 64: bits of the form, for messages that a shorter one has room for; or 2^63",
    example: "2^63",
    default: "64",
  },
  create({ value }) {
    if (value !== "16" && value !== "64" && value !== "2^63") {
      refuse(`"${safeLine(value)}" is no such length`, "write 16, 64 or 2^63");
    }
    const isNegative = value === "2^63";
    const most = value === "16" ? 126 : value === "64" ? 65_536 : Infinity;
    return {
      attach: (stage) => ({
        message(message) {
          const [first, ...others] = message.frames;
          if (stage.fires(payloadOf(first!).length < most)) {
            const changed = withLength(first!, value === "16" ? 2 : 8, isNegative);
            stage.reframe(message, [changed, ...others]);
            stage.injected();
          }
          stage.pass(message);
        },
      }),
    };
  },
};

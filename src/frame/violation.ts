/**
 * Owns the rules that the readers enforce: one entry for each, saying what was seen, what the RFC
 * asks, where it asks it, and which close code answers it.
 */

import { WsctlError } from "../base/errors.js";

/** The close codes that a broken rule is answered with (RFC 6455 §7.4.1). */
export type ViolationCloseCode = 1002 | 1007 | 1009;

/** What the other side sent breaks a rule; the connection has to fail (RFC 6455 §7.1.7). */
export class ProtocolViolation extends WsctlError {
  override readonly name = "ProtocolViolation";
  /** The code for the close frame that answers it. */
  readonly closeCode: ViolationCloseCode;
  /** The section that is broken, such as `RFC 6455 §5.2`. */
  readonly section: string;

  /**
   * @param closeCode 1002 (protocol error), 1007 (not UTF-8) or 1009 (too big)
   * @param section such as `RFC 6455 §5.2`
   * @param message what was seen, and what the RFC asks, in one line
   */
  constructor(closeCode: ViolationCloseCode, section: string, message: string, hint?: string) {
    super("WSCTL_EPROTOCOL", message, { hint, where: [section, `close code ${closeCode}`] });
    this.closeCode = closeCode;
    this.section = section;
  }
}

/** Bytes as hex, such as `0xed`. */
function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

function bytes(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/** A broken rule of framing, answered with 1002. */
function framing(section: string, message: string): ProtocolViolation {
  return new ProtocolViolation(1002, section, message);
}

/** Every rule, as the error to throw where it is broken. */
export const violations = {
  /** `rsv` has bits that no extension gave a meaning. */
  reservedBits(rsv: number): ProtocolViolation {
    const set = [4, 2, 1].flatMap((bit, index) => ((rsv & bit) === 0 ? [] : [`RSV${index + 1}`]));
    const message = `${set.join(" and ")} set: reserved bits must be 0 unless an extension was agreed that uses them`;
    return framing("RFC 6455 §5.2", message);
  },

  /** RSV1 where permessage-deflate does not allow it. */
  misplacedRsv1(opcode: number): ProtocolViolation {
    const message = `RSV1 set on a frame of opcode ${hex(opcode)}: only the first frame of a message may be marked as compressed`;
    return framing("RFC 7692 §6", message);
  },

  reservedOpcode(opcode: number): ProtocolViolation {
    const message = `a frame has opcode ${hex(opcode)}: 0x3–0x7 and 0xb–0xf are reserved`;
    return framing("RFC 6455 §5.2", message);
  },

  fragmentedControl(opcode: number): ProtocolViolation {
    const message = `a control frame (opcode ${hex(opcode)}) has FIN 0: control frames must not be fragmented`;
    return framing("RFC 6455 §5.5", message);
  },

  /** `marker` is the 7-bit length that announces a longer form: 126 or 127. */
  longControl(opcode: number, marker: number): ProtocolViolation {
    const message = `a control frame (opcode ${hex(opcode)}) has length marker ${marker}: its payload must be 125 bytes or less`;
    return framing("RFC 6455 §5.5", message);
  },

  maskedByServer(): ProtocolViolation {
    return framing("RFC 6455 §5.1", "the server sent a masked frame: a server must not mask");
  },

  unmaskedByClient(): ProtocolViolation {
    return framing("RFC 6455 §5.1", "the client sent an unmasked frame: a client must mask all");
  },

  /** `field` is the width of the length that was used, in bytes: 2 or 8. */
  nonMinimalLength(length: number, field: 2 | 8): ProtocolViolation {
    const message = `a payload of ${bytes(length)} is announced in ${field * 8} bits: the shortest form must be used`;
    return framing("RFC 6455 §5.2", message);
  },

  negativeLength(): ProtocolViolation {
    const message = "the 64-bit payload length has its most significant bit set: it must be 0";
    return framing("RFC 6455 §5.2", message);
  },

  uncountableLength(): ProtocolViolation {
    const message = "a frame announces more than 2^53 - 1 bytes, which can not be counted";
    return new ProtocolViolation(1009, "RFC 6455 §10.4", message);
  },

  payloadTooBig(length: number, limit: number): ProtocolViolation {
    const message = `a message of ${bytes(length)} or more is announced: the limit is ${bytes(limit)}`;
    const hint = "if such messages are to be expected, raise --max-payload";
    return new ProtocolViolation(1009, "RFC 6455 §10.4", message, hint);
  },

  tooManyFragments(limit: number): ProtocolViolation {
    const message = `a message has more than ${limit} fragments, the limit`;
    return new ProtocolViolation(1009, "RFC 6455 §10.4", message);
  },

  strayContinuation(): ProtocolViolation {
    const message = "a continuation frame came while no message was open to be continued";
    return framing("RFC 6455 §5.4", message);
  },

  interruptedMessage(opcode: number): ProtocolViolation {
    const message = `a frame of opcode ${hex(opcode)} came inside a fragmented message: it must be finished by continuation frames first`;
    return framing("RFC 6455 §5.4", message);
  },

  /** `offset` counts the bytes of the message from 0. */
  invalidText(byte: number, offset: number): ProtocolViolation {
    const message = `byte ${hex(byte)} at offset ${offset} of a text message is not UTF-8: text must be valid UTF-8`;
    return new ProtocolViolation(1007, "RFC 6455 §8.1", message);
  },

  truncatedText(length: number): ProtocolViolation {
    const message = `a text message of ${bytes(length)} ends inside a character: text must be valid UTF-8`;
    return new ProtocolViolation(1007, "RFC 6455 §8.1", message);
  },

  halfCloseCode(): ProtocolViolation {
    const message =
      "a close frame has a payload of 1 byte: it must be empty or start with a 2-byte code";
    return framing("RFC 6455 §5.5.1", message);
  },

  /** `meaning` says what the code stands for. */
  closeCode(code: number, meaning: string): ProtocolViolation {
    const message = `a close frame carries code ${code} (${meaning}), which must not be sent`;
    return framing("RFC 6455 §7.4", message);
  },

  invalidReason(): ProtocolViolation {
    const message = "the reason in a close frame is not UTF-8: it must be valid UTF-8";
    return new ProtocolViolation(1007, "RFC 6455 §5.5.1", message);
  },
};

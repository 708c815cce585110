/**
 * Owns the frames that the proxy makes itself, for messages that it changed or has to pack anew.
 *
 * Once a message of a direction with context takeover was dropped, changed or moved, the receiver's
 * window no longer holds what the sender's does: each later compressed message is then packed by
 * itself, without looking back, which the receiver understands in any case (RFC 7692 §7.2.3.2).
 */
import { randomBytes } from "node:crypto";
import { constants, deflateRawSync } from "node:zlib";
import { encodeClosePayload } from "../frame/close.js";
import { encodeFrame } from "../frame/encode.js";
import { Opcode } from "../frame/opcode.js";

/** What holds for one direction of a connection. */
export interface RecoderOptions {
  /** Whether frames are masked: those to a server (RFC 6455 §5.3). */
  readonly masked: boolean;
  /** Bits of the window that was agreed, 8 to 15; undefined without permessage-deflate. */
  readonly windowBits: number | undefined;
}

/** What an empty block at the end of a flush looks like; it is not sent (RFC 7692 §7.2.1). */
const tail = 4;
/** zlib cannot keep to a window of 8 bits: it takes 9. */
const leastBits = 9;
const keysAtOnce = 256;
const rsv1 = 4;

/** Makes frames for one direction. */
export class Recoder {
  readonly #masked: boolean;
  readonly #windowBits: number;
  #keys: Buffer | undefined;
  #nextKey = 0;

  constructor({ masked, windowBits = 0 }: RecoderOptions) {
    this.#masked = masked;
    this.#windowBits = windowBits;
  }

  /**
   * A message in one frame.
   * @param isPacked whether it is to be compressed, where that makes it shorter
   */
  message(opcode: number, payload: Buffer, isPacked: boolean): Buffer {
    const packed = isPacked && this.#windowBits >= leastBits ? this.#pack(payload) : undefined;
    const isShorter = packed !== undefined && packed.length < payload.length;
    return encodeFrame(
      { opcode, rsv: isShorter ? rsv1 : 0, mask: this.#mask() },
      isShorter ? packed : payload,
    );
  }

  /** A control frame; its payload has at most 125 bytes. */
  control(opcode: number, payload: Buffer): Buffer {
    return encodeFrame({ opcode, mask: this.#mask() }, payload);
  }

  /** A close frame. @throws WsctlError WSCTL_EPROTOCOL for what must not be sent */
  close(code: number, reason: string): Buffer {
    return this.control(Opcode.close, encodeClosePayload(code, reason));
  }

  #pack(payload: Buffer): Buffer {
    const flushed = deflateRawSync(payload, {
      windowBits: this.#windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return flushed.subarray(0, -tail);
  }

  /** A key that nobody can foretell (RFC 6455 §10.3). */
  #mask(): number | undefined {
    if (!this.#masked) return undefined;
    if (!this.#keys || this.#nextKey === this.#keys.length) {
      this.#keys = randomBytes(keysAtOnce * 4);
      this.#nextKey = 0;
    }
    const key = this.#keys.readUInt32BE(this.#nextKey);
    this.#nextKey += 4;
    return key;
  }
}

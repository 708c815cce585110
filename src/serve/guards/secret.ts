/** Owns the comparison with a secret: the time it takes tells nothing of how near a guess was. */
import { hash, timingSafeEqual } from "node:crypto";

/** Something that only those who may come in know. */
export class Secret {
  readonly #digest: Buffer;

  /** @param value its bytes, or its text in UTF-8 */
  constructor(value: Buffer | string) {
    this.#digest = digestOf(value);
  }

  /** Whether that is the secret. Digests have one length, so that it does not leak either. */
  matches(candidate: Buffer | string): boolean {
    return timingSafeEqual(this.#digest, digestOf(candidate));
  }
}

function digestOf(value: Buffer | string): Buffer {
  return hash("sha256", value, "buffer");
}

/** The bytes of a header's value, which node:http tells as Latin-1. */
export function headerBytes(value: string): Buffer {
  return Buffer.from(value, "latin1");
}

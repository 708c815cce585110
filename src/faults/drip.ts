/** Owns pieces that leave little by little: what comes next of one, and when what is behind may. */

/** Some bytes of a drip. */
export interface Drop {
  readonly bytes: Buffer;
  /** Ms until what follows may leave. */
  readonly wait: number;
  readonly isLast: boolean;
}

/** A piece as it leaves in parts; made as they leave, so that it takes no memory of its own. */
export interface Drip {
  next(): Drop;
  /** All that is still to come, at once: the fault was taken away. */
  rest(): Buffer;
}

/** Bytes that lie in several places, taken from the front. */
export class ByteQueue {
  readonly #buffers: readonly Buffer[];
  #index = 0;
  #at = 0;
  #length: number;

  constructor(buffers: readonly Buffer[]) {
    this.#buffers = buffers;
    this.#length = buffers.reduce((sum, { length }) => sum + length, 0);
  }

  /** Bytes that are left. */
  get length(): number {
    return this.#length;
  }

  /** The next bytes, at most so many; where they lie, if they lie together. */
  take(most: number): Buffer {
    const parts: Buffer[] = [];
    let wanted = Math.min(most, this.#length);
    this.#length -= wanted;
    while (wanted > 0) {
      const buffer = this.#buffers[this.#index]!;
      const part = buffer.subarray(this.#at, this.#at + wanted);
      this.#at += part.length;
      wanted -= part.length;
      if (part.length > 0) parts.push(part);
      if (this.#at < buffer.length) continue;
      this.#index++;
      this.#at = 0;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}

/**
 * Bytes in slices.
 *
 * @param size of the next slice, at least 1
 * @param wait ms behind a slice of that size
 */
export function inSlices(
  buffers: readonly Buffer[],
  size: () => number,
  wait: (size: number) => number,
): Drip {
  const queue = new ByteQueue(buffers);
  return {
    next() {
      const bytes = queue.take(size());
      return { bytes, wait: wait(bytes.length), isLast: queue.length === 0 };
    },
    rest: () => queue.take(Infinity),
  };
}

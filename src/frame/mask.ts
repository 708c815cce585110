/** Owns masking: the XOR of payload bytes with a 32-bit key (RFC 6455 §5.3). */

/**
 * The key as it stands `bytes` payload bytes further on, as a signed 32-bit integer (which, unlike
 * an unsigned one, always fits an engine's small integer).
 */
export function turnMask(mask: number, bytes: number): number {
  const bits = (bytes & 3) << 3;
  // A shift count of 32 counts as 0, so that no turn gives the key itself twice over.
  return (mask << bits) | (mask >>> (32 - bits));
}

/**
 * Masks or unmasks `buf[start, end)` in place; doing it twice gives the original back. Allocates
 * nothing, not even a view: for the short messages of a load run a view costs more than it saves.
 *
 * @param mask the four key bytes read as a big-endian 32-bit number, signed or unsigned
 * @param phase how many payload bytes came before `start`, modulo 4
 */
export function applyMask(
  buf: Uint8Array,
  start: number,
  end: number,
  mask: number,
  phase: number,
): void {
  const key = turnMask(mask, phase);
  const k0 = key >>> 24;
  const k1 = (key >>> 16) & 0xff;
  const k2 = (key >>> 8) & 0xff;
  const k3 = key & 0xff;
  const whole = end - 3;
  let at = start;
  for (; at < whole; at += 4) {
    buf[at]! ^= k0;
    buf[at + 1]! ^= k1;
    buf[at + 2]! ^= k2;
    buf[at + 3]! ^= k3;
  }
  if (at < end) buf[at]! ^= k0;
  if (at + 1 < end) buf[at + 1]! ^= k1;
  if (at + 2 < end) buf[at + 2]! ^= k2;
}

/**
 * Copies all of `source` to `target` at `offset` and masks it on the way: one pass, since most
 * messages are so short that a copy and a mask after it would take twice as long.
 *
 * @param mask as for {@link applyMask}
 */
export function copyMasked(
  source: Uint8Array,
  target: Uint8Array,
  offset: number,
  mask: number,
): void {
  const k0 = mask >>> 24;
  const k1 = (mask >>> 16) & 0xff;
  const k2 = (mask >>> 8) & 0xff;
  const k3 = mask & 0xff;
  const end = source.length;
  const whole = end - 3;
  let from = 0;
  let to = offset;
  for (; from < whole; from += 4, to += 4) {
    target[to] = source[from]! ^ k0;
    target[to + 1] = source[from + 1]! ^ k1;
    target[to + 2] = source[from + 2]! ^ k2;
    target[to + 3] = source[from + 3]! ^ k3;
  }
  if (from < end) target[to] = source[from]! ^ k0;
  if (from + 1 < end) target[to + 1] = source[from + 1]! ^ k1;
  if (from + 2 < end) target[to + 2] = source[from + 2]! ^ k2;
}

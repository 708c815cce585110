import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { FrameWatch, type WireFacts } from "../../src/session/frame-watch.js";
import type { Direction, SessionFrame } from "../../src/session/session-events.js";

function follow(direction: Direction, chunks: readonly Buffer[], allowRsv1 = true) {
  const frames: SessionFrame[] = [];
  const messages: WireFacts[] = [];
  const watch = new FrameWatch({
    direction,
    allowRsv1,
    now: () => 5,
    onFrame: (frame) => frames.push(frame),
    onMessage: (facts) => messages.push(facts),
  });
  for (const chunk of chunks) watch.feed(chunk);
  return { watch, frames, messages };
}

const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const message = fc.record({
  parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
  binary: fc.boolean(),
  compressed: fc.boolean(),
  ping: fc.option(fc.uint8Array({ maxLength: 125 }), { nil: undefined }),
});

test("whatever the chunks, the same is seen, and the bytes are left as they are", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("in" as const, "out" as const),
      fc.array(message, { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
      (direction, said, sizes) => {
        const mask = direction === "out" ? 0xdeadbeef : undefined;
        const expected: WireFacts[] = [];
        const pings: Buffer[] = [];
        const wire = Buffer.concat(
          said.flatMap(({ parts, binary, compressed, ping }) => {
            const encoded = parts.map((part, index) =>
              encodeFrame(
                {
                  opcode: index > 0 ? 0 : binary ? 2 : 1,
                  fin: index === parts.length - 1,
                  rsv: compressed && index === 0 ? 4 : 0,
                  mask,
                },
                part,
              ),
            );
            const size = encoded.reduce((sum, { length }) => sum + length, 0);
            expected.push({ at: 5, wire: size, frames: parts.length, compressed });
            if (ping === undefined) return encoded;
            pings.push(Buffer.from(ping));
            return [encodeFrame({ opcode: 9, mask }, ping), ...encoded];
          }),
        );
        const before = Buffer.from(wire);
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < wire.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          chunks.push(wire.subarray(at, at + size));
          at += size;
        }
        const { watch, frames, messages } = follow(direction, chunks);
        expect(watch.violation).toBeUndefined();
        expect(messages).toEqual(expected);
        expect(frames.flatMap(({ control }) => (control ? [control] : []))).toEqual(pings);
        expect(frames.reduce((sum, frame) => sum + frame.wire, 0)).toBe(wire.length);
        expect(watch.bytes).toBe(wire.length);
        expect(watch.midFrame).toBe(false);
        expect(wire.equals(before)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test("any garbage is followed until a rule breaks, and never throws", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("in" as const, "out" as const),
      fc.array(payload, { maxLength: 5 }),
      (direction, chunks) => {
        const { watch } = follow(direction, chunks, false);
        expect(watch.bytes).toBe(chunks.reduce((sum, { length }) => sum + length, 0));
      },
    ),
    { numRuns: 200 },
  );
});

test("a close frame at fault is shown before the watch falls silent", () => {
  const bad = encodeFrame({ opcode: 8 }, Buffer.from([3]));
  const { watch, frames } = follow("in", [bad, encodeFrame({ opcode: 1 }, Buffer.from("x"))]);
  expect(frames).toMatchObject([{ opcode: 8, control: Buffer.from([3]) }]);
  expect(watch.close).toBeUndefined();
  expect(watch.violation).toMatchObject({ section: "RFC 6455 §5.5.1" });
});

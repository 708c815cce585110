/** Holds faults together, in any order and switched at any time, to what no fault may break. */
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { faultKinds } from "../../src/faults/fault-kinds.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { clientClose, control, head, lineOf, setOf, text, useFakeClock, type Rig } from "./rig.js";

useFakeClock();

/** What leaves under these is no stream of messages that could be counted. */
const unreadable = new Set(
  "masked-frame rsv bad-opcode long-length bad-utf8 data-after-close upgrade-STATUS bomb swap-backend".split(
    " ",
  ),
);

const names = [...faultKinds]
  .filter(([name]) => !unreadable.has(name))
  .map(([name, { numbers }]) => name.replace(/[A-Z]+$/, String(numbers?.examples[0])));

const schedules = `p=100% p=50% count=1
  at=1s every=1s for=2s at=1s,for=1s every=1s,for=500ms
  at=2 every=2 at=2,for=1s every=2,count=2`.split(/\s+/);

const spec = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...schedules))
  .map(([name, schedule]) => `${name},${schedule}`)
  // It goes by the clock alone.
  .filter((written) => !/^down.*=2/.test(written));

const fragmented = Buffer.concat([
  encodeFrame({ opcode: 1, fin: false }, Buffer.from("a")),
  control(9),
  encodeFrame({ opcode: 0 }, Buffer.from("bc")),
]);

/** Something that happens to a line. */
type Step =
  | { readonly is: "says"; readonly bytes: Buffer; readonly messages: number }
  | { readonly is: "hears"; readonly bytes: Buffer }
  | { readonly is: "waits"; readonly ms: number }
  | { readonly is: "loses"; readonly index: number }
  | { readonly is: "gets"; readonly spec: string }
  | { readonly is: "is-slow"; readonly backlog: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .oneof(fc.string({ maxLength: 30 }).map(text), fc.constant(fragmented))
    .map((bytes) => ({ is: "says" as const, bytes, messages: 1 })),
  fc
    .constantFrom(control(9), control(10, "x"))
    .map((bytes) => ({ is: "says" as const, bytes, messages: 0 })),
  fc
    .constantFrom(clientClose, encodeFrame({ opcode: 1, mask: 3 }, Buffer.from("hi")))
    .map((bytes) => ({ is: "hears" as const, bytes })),
  fc.integer({ min: 1, max: 3000 }).map((ms) => ({ is: "waits" as const, ms })),
  fc.nat(3).map((index) => ({ is: "loses" as const, index })),
  spec.map((each) => ({ is: "gets" as const, spec: each })),
  fc.nat(100_000).map((backlog) => ({ is: "is-slow" as const, backlog })),
);

/** Does that to the line; how many messages the host said. */
function act(made: Rig, each: Step, done: () => void): number {
  const { set, line } = made;
  if (each.is === "says") line.outgoing(each.bytes, done);
  else if (each.is === "hears") line.incoming(each.bytes);
  else if (each.is === "waits") vi.advanceTimersByTime(each.ms);
  else if (each.is === "loses") set.remove(set.list()[each.index]?.id ?? 0);
  else if (each.is === "gets") set.add(each.spec);
  else made.backlog = each.backlog;
  return each.is === "says" ? each.messages : 0;
}

/** Whole messages and close frames in a stream, the last frame of which may be cut off. */
function count(bytes: Buffer): { messages: number; closes: number } {
  const found = { messages: 0, closes: 0 };
  const end = bytes.indexOf("\r\n\r\n");
  // A fault may have lost the head for good, or let only its beginning leave.
  const hasHead = bytes.subarray(0, 1).toString() === "H";
  let at = hasHead ? (end < 0 ? bytes.length : end + 4) : 0;
  while (at + 2 <= bytes.length) {
    const [first = 0, length = 0] = bytes.subarray(at);
    const isLong = length === 126;
    const size = isLong ? 4 + bytes.readUInt16BE(at + 2) : 2 + length;
    if (at + size > bytes.length) break;
    if ((first & 0x0f) === 8) found.closes++;
    else if ((first & 0x0f) < 8 && first >= 0x80) found.messages++;
    at += size;
  }
  return found;
}

test("what leaves is what is counted, nothing is kept, no timer outlives its line", async () => {
  const specs = fc.array(spec, { maxLength: 4 });
  const steps = fc.array(step, { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(specs, steps, fc.boolean(), fc.string(), async (on, all, closes, seed) => {
      vi.clearAllTimers();
      const made = lineOf(setOf(on, seed));
      const calls: number[] = [];
      const called = (): (() => void) => {
        const index = calls.push(0) - 1;
        return () => void calls[index]!++;
      };
      made.line.outgoing(head, called());
      let said = 0;
      for (const each of all) {
        said += act(made, each, each.is === "says" ? called() : () => {});
        await Promise.resolve();
      }
      if (closes) made.line.outgoing(control(8, "\x03\xe8"), called());
      const { messages, closes: closed } = count(made.bytes());
      expect(messages).toBe(said - made.undelivered);
      expect(closed).toBeLessThanOrEqual(1);
      expect(made.line.held).toBeGreaterThanOrEqual(0);
      // Taken away, they let everything go that is still to go, and then the end.
      made.backlog = 0;
      made.set.close();
      made.line.finish();
      vi.advanceTimersByTime(200);
      expect(made.line.held).toBe(0);
      const ends = made.left.flatMap((each, index) => (typeof each === "string" ? [index] : []));
      expect(ends.slice(0, 1)).toEqual([made.left.length - ends.length]);
      made.line.dispose();
      expect(vi.getTimerCount()).toBe(0);
      await Promise.resolve();
      expect(calls.filter((times) => times !== 1)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test.each(["rst,every=1s", "down,every=1s", "reset,every=1s,for=100ms"])(
  "%s: a connection that is gone is cut no more",
  (each) => {
    const made = lineOf(setOf([each]), 0, true);
    vi.advanceTimersByTime(1000);
    expect(made.left).toEqual(["RST"]);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect([...made.injected.values()]).toEqual([1]);
    expect(made.set.list()[0]!.fired).toBe(1);
  },
);

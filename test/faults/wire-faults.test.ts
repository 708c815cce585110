/** Shows the faults that know bytes alone: what leaves, when, and that nothing is lost or moved. */
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { control, head, lineOf, openRig, rig, setOf, text, useFakeClock } from "./rig.js";

useFakeClock();

const closing = control(8, "\x03\xe8");

describe("what passes later", () => {
  test("latency: everything so much later, the head and the end too", () => {
    const made = rig("latency=100ms");
    made.line.outgoing(head);
    vi.advanceTimersByTime(50);
    made.line.outgoing(text("a"));
    vi.advanceTimersByTime(49);
    expect(made.left).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(made.said()).toEqual(["101"]);
    made.line.finish();
    vi.advanceTimersByTime(50);
    expect(made.said()).toEqual(["text a", "FIN"]);
    expect(made.injected.get("latency")).toBe(2);
  });

  test("bandwidth: so many bytes a second, whatever they are", () => {
    const made = openRig("bandwidth=1kB/s");
    vi.advanceTimersByTime(1000);
    const before = made.bytes().length;
    made.line.outgoing(text("x".repeat(5000)));
    made.line.outgoing(text("y"));
    for (let second = 1; second <= 5; second++) {
      vi.advanceTimersByTime(1000);
      expect(Math.abs(made.bytes().length - before - second * 1000)).toBeLessThanOrEqual(20);
    }
    vi.advanceTimersByTime(100);
    expect(made.bytes().subarray(-3)).toEqual(text("y"));
    expect([made.line.held, made.undelivered]).toEqual([0, 0]);
  });

  test("bandwidth for a time: then what waits goes on at that pace, and what comes at full", () => {
    const made = openRig("bandwidth=100B/s,at=1s,for=2s");
    made.line.outgoing(text("fast"));
    expect(made.left.at(-1)).toEqual(text("fast"));
    vi.advanceTimersByTime(1500);
    made.line.outgoing(text("x".repeat(98)));
    vi.advanceTimersByTime(500);
    expect(made.bytes().length).toBeLessThan(head.length + 6 + 60);
    vi.advanceTimersByTime(1500);
    made.line.outgoing(text("x".repeat(98)));
    expect(made.left.at(-1)).toEqual(text("x".repeat(98)));
    expect(made.injected.get("bandwidth")).toBe(1);
  });

  test("slicer: slices of that size, a pause behind each", () => {
    const made = rig("slicer=10B 5ms");
    made.line.outgoing(head);
    vi.advanceTimersByTime(5 * Math.ceil(head.length / 10));
    expect(made.left.slice(0, -1).every((each) => each.length === 10)).toBe(true);
    expect(made.bytes()).toEqual(head);
    made.line.outgoing(text("a".repeat(23)));
    expect(made.bytes().length).toBe(head.length + 10);
    vi.advanceTimersByTime(5);
    expect(made.bytes().length).toBe(head.length + 20);
    vi.advanceTimersByTime(5);
    expect(made.bytes().length).toBe(head.length + 25);
  });

  const slow = fc.constantFrom(
    "latency=20ms±15ms",
    "latency=5ms,p=30%",
    "bandwidth=2kB/s",
    "bandwidth=500B/s,p=50%",
    "slicer=3B±2B 1ms",
    "slicer=40B 2ms,every=2",
    "drip-headers=1ms",
    "fragment-drip=1ms,p=50%",
    "empty-fragments=3,p=50%",
  );
  const said = fc.array(fc.tuple(fc.string({ maxLength: 60 }), fc.nat(40)), { maxLength: 8 });

  test("nothing is lost, doubled or moved, whatever is combined and taken away", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(slow, { maxLength: 3 }),
        said,
        fc.option(fc.nat(300)),
        async (specs, all, removedAt) => {
          const set = setOf(specs);
          const made = lineOf(set);
          let called = 0;
          made.line.outgoing(head, () => called++);
          for (const [payload, wait] of all) {
            made.line.outgoing(text(payload), () => called++);
            vi.advanceTimersByTime(wait);
          }
          made.line.outgoing(closing);
          made.line.finish();
          if (removedAt !== null) {
            vi.advanceTimersByTime(removedAt);
            set.close();
          }
          vi.advanceTimersByTime(25_000);
          expect(made.left.at(-1)).toBe("FIN");
          expect([made.line.held, made.undelivered]).toEqual([0, 0]);
          const frames = messagesIn(made.bytes());
          expect(frames).toEqual(all.map(([payload]) => payload));
          made.line.dispose();
          expect(vi.getTimerCount()).toBe(0);
          await Promise.resolve();
          expect(called).toBe(all.length + 1);
        },
      ),
      { numRuns: 120 },
    );
  });

  test("bytes are the very same where only bytes are paced", () => {
    const bytesOnly = fc.constantFrom("latency=9ms±9ms", "bandwidth=3kB/s", "slicer=7B±6B 1ms");
    fc.assert(
      fc.property(fc.array(bytesOnly, { minLength: 1, maxLength: 3 }), said, (specs, all) => {
        const made = lineOf(setOf(specs));
        const stream = Buffer.concat([head, ...all.map(([each]) => text(each)), closing]);
        made.line.outgoing(stream);
        made.line.finish();
        vi.advanceTimersByTime(25_000);
        expect(made.bytes()).toEqual(stream);
        expect(made.left.at(-1)).toBe("FIN");
      }),
      { numRuns: 60 },
    );
  });

  test("faults of bytes stand behind those of messages, in whatever order they were named", () => {
    const made = openRig("slicer=1B 1ms", "latency=10ms", "drop,at=1", "fragment-drip=1ms,at=1");
    vi.advanceTimersByTime(1000);
    made.line.outgoing(text("lost"));
    made.line.outgoing(text("ab"));
    vi.advanceTimersByTime(1000);
    expect(made.bytes().subarray(head.length).toString("hex")).toBe("010161800162");
    expect(made.injected.get("drop")).toBe(1);
  });

  test("what waits is bounded: then the connection is reset", async () => {
    const made = openRig("bandwidth=1kB/s");
    const large = text("x".repeat(1024 * 1024));
    for (let count = 0; count < 70; count++) made.line.outgoing(large);
    await Promise.resolve();
    expect(made.left.at(-1)).toBe("RST");
    expect(made.line.held).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a client that does not read is given no slices", () => {
    const made = openRig("slicer=1B 1ms");
    made.backlog = 100_000;
    const before = made.left.length;
    vi.advanceTimersByTime(1000);
    expect(made.left.length).toBe(before);
  });
});

/** Payloads of the messages behind a head. */
function messagesIn(bytes: Buffer): string[] {
  const messages: Buffer[] = [];
  let at = bytes.indexOf("\r\n\r\n") + 4;
  let begun: Buffer | undefined;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const length = bytes[at + 1]!;
    expect(length).toBeLessThan(126);
    const payload = bytes.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    if ((first & 0x0f) > 7) continue;
    expect(begun === undefined).toBe((first & 0x0f) !== 0);
    begun = Buffer.concat([begun ?? Buffer.alloc(0), payload]);
    if (first < 0x80) continue;
    messages.push(begun);
    begun = undefined;
  }
  expect(begun).toBeUndefined();
  return messages.map((each) => each.toString());
}

describe("ends", () => {
  test("slow-close: the close frame at once, the end later", () => {
    const made = openRig("slow-close=1s");
    made.line.outgoing(closing);
    made.line.finish();
    vi.advanceTimersByTime(999);
    expect(made.said()).toEqual(["101", "close 1000"]);
    vi.advanceTimersByTime(1);
    expect(made.said()).toEqual(["FIN"]);
    expect(made.injected.get("slow-close")).toBe(1);
  });

  test("timeout: nothing, then the end; the message counts as not delivered", () => {
    const made = rig("timeout=2s");
    made.line.outgoing(head);
    made.line.outgoing(text("a"));
    vi.advanceTimersByTime(1999);
    expect(made.left).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(made.left).toEqual(["FIN"]);
    expect([...made.injected]).toEqual([["timeout", 1]]);
    expect(made.undelivered).toBe(1);
  });

  test("timeout, on connections that are open and by the clock", () => {
    const open = lineOf(setOf(["timeout=1s"]), 0, true);
    open.line.outgoing(text("a"));
    vi.advanceTimersByTime(1000);
    expect(open.left).toEqual(["FIN"]);
    const later = openRig("timeout=1s,at=5s");
    vi.advanceTimersByTime(4999);
    later.line.outgoing(text("heard"));
    vi.advanceTimersByTime(1);
    later.line.outgoing(text("lost"));
    vi.advanceTimersByTime(1000);
    expect(later.said()).toEqual(["101", "text heard", "FIN"]);
  });

  test("timeout=0 never ends, until it is taken away", () => {
    const made = rig("timeout=0");
    made.line.outgoing(head);
    vi.advanceTimersByTime(3_600_000);
    expect(made.left).toEqual([]);
    made.set.remove(1);
    made.line.finish();
    expect(made.left).toEqual(["FIN"]);
  });

  test("limit-data: that many bytes to the byte, then the end", () => {
    fc.assert(
      fc.property(fc.nat(400), fc.array(fc.string({ maxLength: 50 })), (limit, all) => {
        const made = lineOf(setOf([`limit-data=${limit}`]));
        const stream = Buffer.concat([head, ...all.map((each) => text(each))]);
        made.line.outgoing(stream);
        expect(made.bytes()).toEqual(stream.subarray(0, limit));
        expect(made.left.at(-1) === "FIN").toBe(stream.length >= limit);
        expect(made.injected.get("limit-data") ?? 0).toBe(stream.length >= limit ? 1 : 0);
        expect(made.line.held).toBe(0);
        made.line.dispose();
      }),
      { numRuns: 60 },
    );
  });

  test("limit-data: only whole messages count as delivered", () => {
    const made = openRig(`limit-data=${head.length + 4}`);
    made.line.outgoing(text("a"));
    made.line.outgoing(text("b"));
    expect(made.bytes().length).toBe(head.length + 4);
    expect(made.undelivered).toBe(1);
  });

  test("down: no answer, and the end of those that are there", () => {
    const set = setOf([]);
    const open = lineOf(set, 0, true);
    set.add("down");
    const fresh = lineOf(set, 1);
    fresh.line.outgoing(head);
    expect([open.left, fresh.left]).toEqual([["RST"], ["RST"]]);
    expect(set.list()[0]!.fired).toBe(2);
    set.remove(1);
    const after = lineOf(set, 2);
    after.line.outgoing(head);
    expect(after.said()).toEqual(["101"]);
  });

  test("down for a time: those that are there at its beginning, and all that come before its end", () => {
    const set = setOf(["down=fin,at=10s,for=5s"]);
    const open = lineOf(set, 0);
    open.line.outgoing(head);
    vi.advanceTimersByTime(9999);
    expect(open.said()).toEqual(["101"]);
    vi.advanceTimersByTime(1);
    expect(open.said()).toEqual(["FIN"]);
    vi.advanceTimersByTime(4999);
    const during = lineOf(set, 1);
    during.line.outgoing(head);
    expect(during.left).toEqual(["FIN"]);
    vi.advanceTimersByTime(1);
    const after = lineOf(set, 2);
    after.line.outgoing(head);
    vi.advanceTimersByTime(60_000);
    expect(after.said()).toEqual(["101"]);
    expect(set.list()[0]!.fired).toBe(2);
  });

  test("reset is rst", () => {
    const made = openRig("reset,at=1");
    made.line.outgoing(text("a"));
    expect(made.said()).toEqual(["101", "text a", "RST"]);
    expect(made.injected.get("reset")).toBe(1);
  });

  test.each([
    "latency=fast",
    "latency=1ms±2ms±3ms",
    "bandwidth=0",
    "slicer=0B 5ms",
    "slicer=1B 0",
    "slicer=1B 1ms 1ms",
    "limit-data=-1",
    "down=gently",
    "down,at=3",
    "slow-consumer=fast",
  ])("%s is refused", (spec) => {
    expect(() => setOf([spec])).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
  });
});

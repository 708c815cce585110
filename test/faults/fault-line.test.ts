import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { faultKinds } from "../../src/faults/fault-kinds.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { control, head, lineOf, openRig, rig, setOf, text, useFakeClock, type Rig } from "./rig.js";

useFakeClock();

const piece = fc.oneof(
  fc.string({ maxLength: 200 }).map(text),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => encodeFrame({ opcode: 2 }, bytes)),
  fc.constantFrom(control(9), control(10, "p")),
  fc.array(fc.string({ maxLength: 5 }), { minLength: 2, maxLength: 4 }).map((parts) =>
    Buffer.concat(
      parts.flatMap((part, index) => [
        encodeFrame(
          {
            opcode: index === 0 ? 1 : 0,
            fin: index === parts.length - 1,
            rsv: index === 0 ? 4 : 0,
          },
          Buffer.from(part),
        ),
        ...(index === 0 ? [control(10, "between")] : []),
      ]),
    ),
  ),
);

const cuts = fc.array(fc.nat(3000), { maxLength: 15 });

/** Feeds the bytes in pieces, each poisoned afterwards as a reused buffer is; counts callbacks. */
function feed({ line }: Rig, bytes: Buffer, at: readonly number[]): { calls: number[] } {
  const edges = [0, ...at.map((cut) => cut % (bytes.length + 1)), bytes.length];
  edges.sort((a, b) => a - b);
  const calls: number[] = [];
  for (let index = 1; index < edges.length; index++) {
    const fed = Buffer.from(bytes.subarray(edges[index - 1], edges[index]));
    const place = calls.push(0) - 1;
    line.outgoing(fed, () => void calls[place]!++);
    fed.fill(0xdd);
  }
  return { calls };
}

const allKinds = [...faultKinds].map(([name, { numbers }]) =>
  name.replace(/[A-Z]+$/, String(numbers?.examples[0])),
);

describe("with faults that do not fire", () => {
  test("what leaves is what came, in any chunks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), cuts, async (pieces, at) => {
        const made = rig("drop,p=0", "dup,p=0", "delay,p=0", "corrupt,p=0", "accept-wrong,p=0");
        const stream = Buffer.concat([head, ...pieces]);
        const { calls } = feed(made, stream, at);
        expect(made.bytes()).toEqual(stream);
        made.line.finish();
        expect(made.left.at(-1)).toBe("FIN");
        await Promise.resolve();
        expect(calls.every((count) => count === 1)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("every fault of the catalogue together, at p=0", () => {
    const made = rig(...allKinds.map((name) => `${name},p=0`));
    const stream = Buffer.concat([head, text("a"), control(10), text("b"), control(8, "\x03\xe8")]);
    made.line.outgoing(stream);
    made.line.finish();
    expect(made.bytes()).toEqual(stream);
    expect(made.left.at(-1)).toBe("FIN");
  });
});

test("with faults that fire, chunks change nothing, and each callback comes once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      cuts,
      fc.string(),
      async (pieces, at, seed) => {
        const specs = [
          "drop,p=20%",
          "dup,p=20%",
          "reorder,p=20%",
          "corrupt,p=20%",
          "no-pong,p=50%",
        ];
        const stream = Buffer.concat([head, ...pieces]);
        const [whole, cut] = [lineOf(setOf(specs, seed)), lineOf(setOf(specs, seed))];
        const { calls } = feed(cut, stream, at);
        whole.line.outgoing(stream);
        for (const { line } of [whole, cut]) line.finish();
        expect(cut.bytes()).toEqual(whole.bytes());
        expect(cut.injected).toEqual(whole.injected);
        await Promise.resolve();
        expect(calls.every((count) => count === 1)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

describe("decisions", () => {
  /** Which of 1000 messages are lost. */
  function lost(seed: string, index: number, specs: readonly string[], pause = 0): string[] {
    const { line, said } = lineOf(setOf(specs, seed), index, true);
    const sent = Array.from({ length: 1000 }, (_, number) => `text ${number}`);
    for (const each of sent) {
      line.outgoing(text(each.slice(5)));
      vi.advanceTimersByTime(pause);
    }
    const seen = new Set(said());
    return sent.filter((each) => !seen.has(each));
  }

  test("keep to seed and connection, whatever the timing and the other faults", () => {
    const one = lost("a", 1, ["drop,p=5%"]);
    expect(one.length).toBeGreaterThan(20);
    expect(lost("a", 1, ["drop,p=5%"], 7)).toEqual(one);
    expect(lost("a", 1, ["dup,p=50%", "delay=0,p=50%", "drop,p=0"])).toEqual([]);
    expect(lost("a", 1, ["no-pong", "corrupt,p=0", "drop,p=5%"])).toEqual(one);
    expect(lost("a", 2, ["drop,p=5%"])).not.toEqual(one);
    expect(lost("b", 1, ["drop,p=5%"])).not.toEqual(one);
  });

  test("two faults of a kind do not decide alike", () => {
    const both = lost("a", 1, ["drop,p=5%", "drop,p=5%"]);
    expect(both.length).toBeGreaterThan(lost("a", 1, ["drop,p=5%"]).length + 20);
  });

  test("the counts are exact over 10^4 messages", () => {
    const { line, said, injected, set } = openRig("drop,p=1%", "reorder,p=1%", "dup,p=1%");
    const sent = 10_000;
    for (let number = 0; number < sent; number++) line.outgoing(text(String(number)));
    line.finish();
    const seen = new Set<number>();
    let [copies, late, latest] = [0, 0, -1];
    for (const each of said().filter((one) => one.startsWith("text"))) {
      const number = Number(each.slice(5));
      if (seen.has(number)) copies++;
      else if (number < latest) late++;
      latest = Math.max(latest, number);
      seen.add(number);
    }
    expect(Object.fromEntries(injected)).toEqual({
      drop: sent - seen.size,
      dup: copies,
      reorder: late,
    });
    expect(late).toBeGreaterThan(50);
    const fired = set.list().map((each) => each.fired);
    expect(fired).toEqual([sent - seen.size, late, copies]);
  });
});

describe("what the line does not understand passes", () => {
  test.each([
    ["a frame with all reserved bits", Buffer.from("f1026869", "hex")],
    ["a masked frame", encodeFrame({ opcode: 1, mask: 5 }, Buffer.from("x"))],
    ["a fragment of nothing", encodeFrame({ opcode: 0 }, Buffer.from("x"))],
    [
      "a message in another",
      Buffer.concat([encodeFrame({ opcode: 1, fin: false }, Buffer.from("x")), text("y")]),
    ],
    ["a long form of a short length", Buffer.from("817e000161", "hex")],
    ["half a frame", text("half of it").subarray(0, 5)],
    ["half a header", Buffer.from([0x81, 0x7e, 0x01])],
    ["half a message", encodeFrame({ opcode: 1, fin: false }, Buffer.from("x"))],
  ])("%s", (_name, bytes) => {
    const stream = Buffer.concat([head, text("fine"), bytes]);
    for (const size of [1, 2, 3, 1000]) {
      const made = rig("drop,p=0", "no-pong");
      for (let at = 0; at < stream.length; at += size) {
        made.line.outgoing(stream.subarray(at, at + size));
      }
      made.line.finish();
      expect(made.bytes()).toEqual(stream);
      expect(made.left.at(-1)).toBe("FIN");
    }
  });

  test("a close frame in the middle of a message takes the fragments with it", () => {
    const { line, bytes, said } = openRig("drop", "no-pong");
    said();
    const stream = [encodeFrame({ opcode: 1, fin: false }, Buffer.from("x")), control(8)];
    for (const each of stream) line.outgoing(each);
    expect(bytes()).toEqual(Buffer.concat([head, ...stream]));
  });
});

describe("limits and ends", () => {
  test("more than 64 MiB held back: reset, and every callback called", async () => {
    const { line, left } = openRig("delay=1h");
    const frame = encodeFrame({ opcode: 2 }, Buffer.alloc(8 * 1024 * 1024));
    const done = vi.fn<() => void>();
    for (let count = 0; count < 9; count++) line.outgoing(frame, done);
    expect(left.slice(1)).toEqual(["RST"]);
    await Promise.resolve();
    expect(done).toHaveBeenCalledTimes(9);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("what is held back is told in bytes, until it has left or never will", () => {
    const { line } = openRig("drop,at=2", "delay=1s");
    expect(line.held).toBe(0);
    line.outgoing(text("12345678"));
    line.outgoing(text("dropped"));
    line.outgoing(text("12"));
    expect(line.held).toBe(10 + 4);
    vi.advanceTimersByTime(1000);
    expect(line.held).toBe(0);
  });

  test("a muted line lets nothing leave but the end, not even what it held", () => {
    const { line, said } = openRig("delay=1s");
    said();
    line.outgoing(text("held"));
    line.mute();
    line.outgoing(control(10));
    line.finish();
    vi.advanceTimersByTime(1000);
    expect(said()).toEqual(["FIN"]);
  });

  test.each<[string, number]>([
    ["drop,every=2", 5],
    ["dup,every=2", -5],
    ["delay=1h", 10],
    ["close-1012,at=4", 6],
    ["rst,at=4", 6],
    ["blackhole-after,at=4", 6],
    ["never-101", 10],
    ["upgrade-503", 10],
    ["glued-frame", -1],
    ["corrupt", 0],
  ])("%s: what left and what was said differ by %i messages of 10", (spec, undelivered) => {
    const made = openRig(spec);
    for (let count = 0; count < 10; count++) made.line.outgoing(text("message"));
    expect(made.undelivered).toBe(undelivered);
    expect(made.said().filter((each) => each.startsWith("text"))).toHaveLength(10 - undelivered);
    made.line.dispose();
    expect(made.undelivered).toBe(undelivered);
  });

  test("what has left counts no longer", () => {
    const { line, left, said } = openRig("delay=1s");
    said();
    const frame = encodeFrame({ opcode: 2 }, Buffer.alloc(8 * 1024 * 1024));
    for (let count = 0; count < 20; count++) {
      line.outgoing(frame);
      vi.advanceTimersByTime(1000);
    }
    expect(left).toHaveLength(21);
    expect(left).not.toContain("RST");
  });

  test("dispose calls what waits, once, and stops all timers", async () => {
    const set = setOf(["late-pong", "reorder", "delay", "idle-kill", "lifetime-kill", "rst=1h"]);
    const { line, left } = lineOf(set, 0, true);
    const done = vi.fn<() => void>();
    for (const bytes of [control(10), text("a"), text("b"), text("c").subarray(0, 2)]) {
      line.outgoing(bytes, done);
    }
    line.dispose();
    line.dispose();
    line.outgoing(text("late"), done);
    line.finish();
    await Promise.resolve();
    expect(done).toHaveBeenCalledTimes(5);
    expect(left).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a close of the set leaves lines that pass all", () => {
    const { set, line, said } = openRig("drop", "stall=1h", "delay=1h");
    line.outgoing(text("a"));
    set.close();
    line.outgoing(text("b"));
    expect(said()).toEqual(["101", "text b"]);
    expect(set.list()).toEqual([]);
    expect(set.active).toBe(false);
  });

  test("a fault added to a line takes effect with the next message, and off again", () => {
    const { set, line, said } = lineOf(setOf([]), 0, true);
    line.outgoing(text("a"));
    expect(set.active).toBe(false);
    const { id } = set.add("drop");
    line.outgoing(text("b"));
    expect(set.active).toBe(true);
    expect(set.list()).toEqual([{ id, spec: "drop", name: "drop", fired: 1 }]);
    expect([set.remove(id), set.remove(id)]).toEqual([true, false]);
    line.outgoing(text("c"));
    expect(said()).toEqual(["text a", "text c"]);
  });
});

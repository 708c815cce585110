import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { frameRecorder, violationOf } from "../frame/recorder.js";
import { control, lineOf, openRig, setOf, text, useFakeClock, type Rig } from "./rig.js";

useFakeClock();

/** Sends texts, then ends; what left but the 101 and the texts' type. */
function play({ line, said }: Rig, ...texts: readonly string[]): string {
  for (const each of texts) line.outgoing(text(each));
  line.finish();
  return said()
    .slice(1)
    .map((each) => each.replace("text ", ""))
    .join(" ");
}

describe("drop, dup, reorder", () => {
  test.each([
    ["drop,at=2", "a c d FIN", "drop", 1],
    ["drop,every=2", "a c FIN", "drop", 2],
    ["drop", "FIN", "drop", 4],
    ["dup,at=2", "a b b c d FIN", "dup", 1],
    ["dup", "a a b b c c d d FIN", "dup", 4],
    ["reorder,at=2", "a c b d FIN", "reorder", 1],
    ["reorder", "b a d c FIN", "reorder", 2],
    ["reorder,at=4", "a b c d FIN", "reorder", undefined],
  ])("%s", (spec, expected, name, count) => {
    const made = openRig(spec);
    expect(play(made, "a", "b", "c", "d")).toBe(expected);
    expect(made.injected.get(name)).toBe(count);
  });

  test.each([
    // Held, and overtaken by its own copy: nobody can tell.
    ["reorder,at=1", "a a b FIN", undefined],
    // The copy is held: it comes again, which is what dup counts.
    ["reorder,at=2", "a b a FIN", undefined],
    ["reorder,at=3", "a a b FIN", undefined],
  ])("dup,at=1 %s: a copy is no message of its own", (spec, expected, count) => {
    const made = openRig("dup,at=1", spec);
    expect(play(made, "a", "b")).toBe(expected);
    expect(made.injected.get("dup")).toBe(1);
    expect(made.injected.get("reorder")).toBe(count);
  });

  test("reorder counts a copy whose other half was dropped, and what copies overtake", () => {
    const dropped = openRig("dup,at=1", "drop,at=1", "reorder,at=1");
    expect(play(dropped, "a", "b")).toBe("b a FIN");
    expect(dropped.injected.get("reorder")).toBe(1);
    const overtaken = openRig("dup,at=2", "reorder,at=1");
    expect(play(overtaken, "a", "b")).toBe("b a b FIN");
    expect(overtaken.injected.get("reorder")).toBe(1);
  });

  test("reorder gives up when nothing follows", () => {
    const { line, said, injected } = openRig("reorder,at=1");
    line.outgoing(text("a"));
    vi.advanceTimersByTime(1000);
    line.outgoing(text("b"));
    expect(said()).toEqual(["101", "text a", "text b"]);
    expect(injected.size).toBe(0);
  });

  test("reorder lets its message go before a close frame", () => {
    const { line, said, injected } = openRig("reorder");
    line.outgoing(text("a"));
    line.outgoing(control(8, "\x03\xe8"));
    expect(said()).toEqual(["101", "text a", "close 1000"]);
    expect(injected.size).toBe(0);
  });

  test("reorder, taken away, lets its message go", () => {
    const { set, line, said } = openRig("reorder");
    line.outgoing(text("a"));
    set.remove(1);
    expect(said()).toEqual(["101", "text a"]);
  });

  test("two faults: each sees what the one before it lets through", () => {
    expect(play(openRig("drop,at=1", "dup,at=2"), "a", "b", "c")).toBe("b c c FIN");
    expect(play(openRig("dup,at=1", "drop,at=2"), "a", "b", "c")).toBe("a b c FIN");
  });

  test("a message is all its fragments; pings between them are not of it", () => {
    const made = openRig("dup,at=1", "drop,at=3");
    const fragmented = Buffer.concat([
      encodeFrame({ opcode: 1, fin: false }, Buffer.from("a")),
      control(9),
      encodeFrame({ opcode: 0 }, Buffer.from("b")),
    ]);
    made.line.outgoing(Buffer.concat([fragmented, fragmented]));
    expect(made.said().slice(1)).toEqual([
      "text a",
      "ping",
      "continuation b",
      "text a",
      "continuation b",
      "ping",
    ]);
    expect([...made.injected]).toEqual([
      ["dup", 1],
      ["drop", 1],
    ]);
  });
});

describe("broken frames", () => {
  test.each([
    ["masked-frame", "80"],
    ["rsv", "RSV2"],
    ["rsv=1", "RSV1"],
    ["rsv=3", "RSV3"],
    ["bad-opcode", "0x03"],
    ["bad-opcode=15", "0x0f"],
  ])("%s is a violation that any client sees", (spec) => {
    const { line, left } = openRig(`${spec},at=2`);
    line.outgoing(text("fine"));
    line.outgoing(text("broken"));
    line.outgoing(text("fine"));
    const { reader, frames } = frameRecorder();
    const [, ...writes] = left as Buffer[];
    expect(writes).toHaveLength(3);
    reader.feed(writes[0]!, 0, writes[0]!.length);
    expect(frames).toHaveLength(1);
    expect(violationOf(() => reader.feed(writes[1]!, 0, writes[1]!.length)).closeCode).toBe(1002);
    expect(writes[2]).toEqual(text("fine"));
  });

  test("a masked frame still says the same", () => {
    const { line, left } = openRig("masked-frame");
    line.outgoing(text("hello"));
    const { reader, frames } = frameRecorder({ role: "server" });
    const frame = left[1] as Buffer;
    reader.feed(frame, 0, frame.length);
    expect(Buffer.from(frames[0]!.payload, "hex").toString()).toBe("hello");
  });

  test("only the first fragment is broken", () => {
    const { line, bytes } = openRig("rsv");
    const [first, second] = [
      encodeFrame({ opcode: 1, fin: false }, Buffer.from("a")),
      encodeFrame({ opcode: 0 }, Buffer.from("b")),
    ];
    line.outgoing(Buffer.concat([first, second]));
    first[0]! |= 0x20;
    expect(bytes().subarray(-6)).toEqual(Buffer.concat([first, second]));
  });
});

describe("payloads", () => {
  /** The payload of the last frame that left. */
  function lastPayload({ left }: Rig): Buffer {
    const { reader, frames } = frameRecorder({ allowRsv1: true });
    const frame = left.at(-1) as Buffer;
    reader.feed(frame, 0, frame.length);
    return Buffer.from(frames[0]!.payload, "hex");
  }

  function differences(one: Uint8Array, other: Uint8Array): number {
    expect(one.length).toBe(other.length);
    return one.reduce((sum, byte, at) => sum + (byte === other[at] ? 0 : 1), 0);
  }

  test("corrupt: one byte of a text, which stays UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), fc.string(), (said, seed) => {
        const made = lineOf(setOf(["corrupt"], seed), 0, true);
        const bytes = Buffer.from(said);
        made.line.outgoing(encodeFrame({ opcode: 1 }, bytes));
        expect(differences(lastPayload(made), bytes)).toBe(1);
        expect(isUtf8(lastPayload(made))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("corrupt: one byte of binary, and none of the copy that dup sent before", () => {
    const made = openRig("dup", "corrupt,at=2");
    const bytes = Buffer.from([1, 2, 3, 4]);
    made.line.outgoing(encodeFrame({ opcode: 2 }, bytes));
    expect((made.left[1] as Buffer).subarray(2)).toEqual(bytes);
    expect(differences(lastPayload(made), bytes)).toBe(1);
  });

  test("corrupt passes over empty messages", () => {
    const made = openRig("corrupt,at=1");
    made.line.outgoing(text(""));
    expect(made.injected.size).toBe(0);
    made.line.outgoing(text("x"));
    expect(lastPayload(made).toString()).toBe("y");
    expect(made.injected.get("corrupt")).toBe(1);
  });

  test("corrupt finds its byte in any fragment", () => {
    const made = openRig("corrupt");
    made.line.outgoing(
      Buffer.concat([
        encodeFrame({ opcode: 1, fin: false }, Buffer.from([0xe2])),
        control(9),
        encodeFrame({ opcode: 0 }, Buffer.from([0x82, 0xac])),
      ]),
    );
    const frames = made.left.slice(1) as Buffer[];
    expect(frames).toHaveLength(3);
    const payload = Buffer.concat([frames[0]!.subarray(2), frames[2]!.subarray(2)]);
    expect(isUtf8(payload)).toBe(true);
    expect(differences(payload, Buffer.from("€"))).toBe(1);
  });

  test("bad-utf8: texts only, and never UTF-8", () => {
    const made = openRig("bad-utf8");
    made.line.outgoing(encodeFrame({ opcode: 2 }, Buffer.from("binary")));
    expect(lastPayload(made).toString()).toBe("binary");
    made.line.outgoing(encodeFrame({ opcode: 1, rsv: 4 }, Buffer.from("packed")));
    expect(lastPayload(made).toString()).toBe("packed");
    made.line.outgoing(text("grüße"));
    expect(isUtf8(lastPayload(made))).toBe(false);
    expect(made.injected.get("bad-utf8")).toBe(1);
  });
});

describe("time", () => {
  test("delay: each its own, the order stays, and the end waits", () => {
    const { line, said, injected } = openRig("delay=50ms,every=2");
    line.outgoing(text("a"));
    line.outgoing(text("b"));
    line.outgoing(control(10));
    vi.advanceTimersByTime(20);
    line.outgoing(text("c"));
    line.outgoing(text("d"));
    line.finish();
    expect(said()).toEqual(["101", "text a"]);
    vi.advanceTimersByTime(30);
    expect(said()).toEqual(["text b", "pong", "text c"]);
    vi.advanceTimersByTime(20);
    expect(said()).toEqual(["text d", "FIN"]);
    expect(injected.get("delay")).toBe(2);
  });

  test("stall=2s,at=10s: all lines hold all, then let go in order", () => {
    const set = setOf(["stall=2s,at=10s"]);
    const rigs = [lineOf(set, 0, true), lineOf(set, 1, true)];
    const send = (what: string): void => {
      for (const { line } of rigs) line.outgoing(text(what));
    };
    vi.advanceTimersByTime(9999);
    send("before");
    expect(rigs.map((each) => each.said())).toEqual([["text before"], ["text before"]]);
    vi.advanceTimersByTime(1);
    send("one");
    vi.advanceTimersByTime(1999);
    send("two");
    rigs[0]!.line.outgoing(control(10));
    expect(rigs.map((each) => each.said())).toEqual([[], []]);
    vi.advanceTimersByTime(1);
    expect(rigs.map((each) => each.said())).toEqual([
      ["text one", "text two", "pong"],
      ["text one", "text two"],
    ]);
    expect(rigs.map((each) => each.injected.get("stall"))).toEqual([2, 2]);
    vi.advanceTimersByTime(60_000);
    send("after");
    expect(rigs[0]!.said()).toEqual(["text after"]);
    expect(set.list()[0]?.fired).toBe(1);
  });

  test("stall=1s,every=5s,count=2", () => {
    const set = setOf(["stall=1s,every=5s,count=2"]);
    const { line, left } = lineOf(set, 0, true);
    const waits = Array.from({ length: 20 }, () => {
      vi.advanceTimersByTime(1000);
      const before = left.length;
      line.outgoing(text("x"));
      return left.length === before;
    });
    const stalled = waits.flatMap((waited, index) => (waited ? [index + 1] : []));
    expect(stalled).toEqual([5, 10]);
  });

  test("stall alone begins at once, and every=3 counts messages", () => {
    const now = openRig("stall=1s");
    now.line.outgoing(text("a"));
    expect(now.said()).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(now.said()).toEqual(["101", "text a"]);
    const third = openRig("stall=1s,every=3");
    for (const each of "abcd") third.line.outgoing(text(each));
    expect(third.said()).toEqual(["101", "text a", "text b"]);
    vi.advanceTimersByTime(1000);
    expect(third.said()).toEqual(["text c", "text d"]);
  });

  test("a stall that is taken away is over, unless another goes on", () => {
    const { set, line, said } = openRig("stall=10m");
    line.outgoing(text("a"));
    set.stall(2000);
    set.remove(1);
    expect(said()).toEqual([]);
    vi.advanceTimersByTime(1999);
    expect(said()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["101", "text a"]);
    const again = set.add("stall=1h");
    line.outgoing(text("b"));
    expect(said()).toEqual([]);
    set.remove(again.id);
    expect(said()).toEqual(["text b"]);
    expect([set.active, vi.getTimerCount()]).toEqual([false, 0]);
  });

  test("a stall is prolonged, not cut short; closing the set ends it", () => {
    const { set, line, said } = openRig();
    said();
    set.stall(2000);
    set.stall(1000);
    line.outgoing(text("a"));
    vi.advanceTimersByTime(1500);
    set.stall(2000);
    vi.advanceTimersByTime(1000);
    expect(said()).toEqual([]);
    expect(set.active).toBe(true);
    set.close();
    expect(said()).toEqual(["text a"]);
    expect(set.active).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { describe, expect, test, vi } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import {
  clientClose,
  control,
  head,
  lineOf,
  openRig,
  rig,
  setOf,
  text,
  useFakeClock,
  type Rig,
} from "./rig.js";

useFakeClock();

describe("pongs", () => {
  test("no-pong: pings and messages pass", () => {
    const { line, said, injected } = openRig("no-pong,at=2");
    for (const each of ["1", "2", "3"]) line.outgoing(control(10, each));
    line.outgoing(control(9));
    line.outgoing(text("a"));
    expect(said()).toEqual(["101", "pong 1", "pong 3", "ping", "text a"]);
    expect(injected.get("no-pong")).toBe(1);
  });

  test("no-pong: also one between fragments", () => {
    const { line, said } = openRig("no-pong");
    line.outgoing(encodeFrame({ opcode: 1, fin: false }, Buffer.from("a")));
    line.outgoing(control(10));
    line.outgoing(encodeFrame({ opcode: 0 }, Buffer.from("b")));
    expect(said()).toEqual(["101", "text a", "continuation b"]);
  });

  test("late-pong: messages go on meanwhile", () => {
    const { line, said } = openRig("late-pong=2s");
    line.outgoing(control(10, "1"));
    line.outgoing(text("a"));
    vi.advanceTimersByTime(1999);
    expect(said()).toEqual(["101", "text a"]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["pong 1"]);
  });
});

describe("closing", () => {
  test.each([1001, 1008, 1011, 1012, 1013, 4123])("close-%d at the opening", (code) => {
    const { line, said, injected } = rig(`close-${code}`);
    line.outgoing(Buffer.concat([head, text("lost")]));
    expect(said()).toEqual(["101", `close ${code}`]);
    // The host answers the client's close frame and ends: only the end is left to say.
    line.incoming(clientClose);
    line.outgoing(control(8, "\x03\xe9"));
    line.finish();
    expect(said()).toEqual(["FIN"]);
    expect(injected.get(`close-${code}`)).toBe(1);
  });

  test("close-1012=5s, and a client that does not answer is reset", () => {
    const { line, said } = openRig("close-1012=5s");
    vi.advanceTimersByTime(4999);
    line.outgoing(text("a"));
    expect(said()).toEqual(["101", "text a"]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["close 1012"]);
    vi.advanceTimersByTime(10_000);
    expect(said()).toEqual(["RST"]);
  });

  test("at=3: after the third message; at=1m: connections that are there by then", () => {
    const counted = openRig("close-1001,at=3");
    for (const each of "abcd") counted.line.outgoing(text(each));
    expect(counted.said().slice(1)).toEqual(["text a", "text b", "text c", "close 1001"]);
    const set = setOf(["close-1001,at=1m"]);
    const early = lineOf(set, 0, true);
    vi.advanceTimersByTime(60_001);
    const late = lineOf(set, 1, true);
    vi.advanceTimersByTime(60_000);
    expect([early.said(), late.said()]).toEqual([["close 1001", "RST"], []]);
  });

  test("no second close frame when the host has begun", () => {
    const { line, said, injected } = openRig("close-1001=1s");
    line.outgoing(control(8, "\x03\xe8"));
    vi.advanceTimersByTime(5000);
    expect(said()).toEqual(["101", "close 1000"]);
    expect(injected.size).toBe(0);
  });

  test("no second close frame while the host's waits in another fault", () => {
    const { line, said, injected } = lineOf(setOf(["close-1001=1s", "latency=5s"]), 0, true);
    vi.advanceTimersByTime(500);
    line.outgoing(control(8, "\x03\xe8"));
    vi.advanceTimersByTime(10_000);
    expect(said()).toEqual(["close 1000"]);
    expect(injected.has("close-1001")).toBe(false);
  });

  test.each(["close-no-echo", "close-no-fin", "data-after-close"])(
    "%s,every=3 counts the closes of all connections, at=1s those of each",
    (name) => {
      const close = ({ line, injected }: Rig): number => {
        line.incoming(clientClose);
        line.outgoing(control(8, "\x03\xe8"));
        line.finish();
        return injected.get(name) ?? 0;
      };
      const lines = (spec: string): Rig[] => {
        const set = setOf([spec]);
        return Array.from({ length: 6 }, (_, index) => lineOf(set, index, true));
      };
      expect(lines(`${name},every=3`).map(close)).toEqual([0, 0, 1, 0, 0, 1]);
      const timed = lines(`${name},at=1s`);
      expect(timed.slice(0, 3).map(close)).toEqual([0, 0, 0]);
      vi.advanceTimersByTime(1000);
      expect(timed.slice(3).map(close)).toEqual([1, 1, 1]);
    },
  );

  test.each(["lifetime-kill", "blackhole-after", "timeout=1s", "timeout=0"])(
    "%s again and again does only once what it does",
    (spec) => {
      const { left, injected } = lineOf(setOf([`${spec},every=2s`]), 0, true);
      vi.advanceTimersByTime(9000);
      expect([...injected.values()]).toEqual([1]);
      const isEnd = spec === "lifetime-kill" || spec === "timeout=1s";
      expect(left).toEqual(isEnd ? ["FIN"] : []);
    },
  );

  test("taken away, a fault does not undo the close that it sent", () => {
    const { set, line, said } = openRig("close-1001");
    set.remove(1);
    line.outgoing(text("lost"));
    set.add("dup");
    line.outgoing(text("lost"));
    line.finish();
    expect(said()).toEqual(["101", "close 1001", "FIN"]);
  });

  test("close-no-echo: the answer is lost, the server's own is not", () => {
    const answered = openRig("close-no-echo");
    answered.line.incoming(clientClose);
    answered.line.outgoing(control(8, "\x03\xe8"));
    answered.line.finish();
    expect(answered.said()).toEqual(["101", "FIN"]);
    const begun = openRig("close-no-echo");
    begun.line.outgoing(control(8, "\x03\xe8"));
    expect(begun.said()).toEqual(["101", "close 1000"]);
  });

  test.each([1, 2, 3, 5, 7])(
    "close-no-echo sees a close frame that comes %d bytes at a time",
    (size) => {
      const { line, said } = openRig("close-no-echo");
      const long = encodeFrame({ opcode: 2, mask: 7 }, Buffer.alloc(300, 0x88));
      const stream = Buffer.concat([
        long,
        encodeFrame({ opcode: 9, mask: 1 }, Buffer.alloc(0)),
        clientClose,
      ]);
      const copy = Buffer.from(stream);
      for (let at = 0; at < stream.length; at += size)
        line.incoming(stream.subarray(at, at + size));
      line.outgoing(control(8, "\x03\xe8"));
      expect(said()).toEqual(["101"]);
      expect(stream).toEqual(copy);
    },
  );

  test("close-no-echo, attached in the middle of a client's frame, finds its way", () => {
    const { line, said } = lineOf(setOf(["close-no-echo"]), 0, true);
    line.incoming(Buffer.from("rest of a frame"));
    line.incoming(clientClose);
    line.outgoing(control(8, "\x03\xe8"));
    expect(said()).toEqual([]);
  });

  test("close-no-fin: the close frame leaves, the end does not, until a reset", () => {
    const { line, said } = openRig("close-no-fin");
    line.outgoing(control(8, "\x03\xe8"));
    line.finish();
    vi.advanceTimersByTime(29_999);
    expect(said()).toEqual(["101", "close 1000"]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["RST"]);
  });
});

describe("ends without a word", () => {
  test("rst, at once and later", () => {
    const now = openRig("rst");
    now.line.outgoing(text("lost"));
    expect(now.said()).toEqual(["101", "RST"]);
    const later = openRig("rst=1m");
    vi.advanceTimersByTime(59_999);
    later.line.outgoing(text("a"));
    vi.advanceTimersByTime(1);
    expect(later.said()).toEqual(["101", "text a", "RST"]);
  });

  test("p=30% is of the connections", () => {
    const set = setOf(["rst,p=30%"]);
    const cut = Array.from({ length: 1000 }, (_, index) => lineOf(set, index, true).left.length);
    const total = cut.reduce((sum, each) => sum + each, 0);
    expect(Math.abs(total - 300)).toBeLessThan(5 * Math.sqrt(1000 * 0.3 * 0.7));
    expect(set.list()[0]?.fired).toBe(total);
  });

  test("blackhole-after: ten seconds unless told, then nothing, not even the end", () => {
    const { line, said, injected } = openRig("blackhole-after");
    vi.advanceTimersByTime(9999);
    line.outgoing(text("a"));
    vi.advanceTimersByTime(1);
    line.outgoing(text("b"));
    line.outgoing(control(10));
    line.finish();
    vi.advanceTimersByTime(29_999);
    expect(said()).toEqual(["101", "text a"]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["RST"]);
    expect(injected.get("blackhole-after")).toBe(1);
  });

  test("blackhole-after,at=2, and the light comes back", () => {
    const { set, line, said } = openRig("blackhole-after,at=2");
    for (const each of "abc") line.outgoing(text(each));
    expect(said()).toEqual(["101", "text a", "text b"]);
    set.remove(1);
    line.outgoing(text("d"));
    expect(said()).toEqual(["text d"]);
  });

  test("idle-kill: either side's bytes count", () => {
    const { line, said } = openRig("idle-kill=10s");
    vi.advanceTimersByTime(9000);
    line.incoming(encodeFrame({ opcode: 9, mask: 1 }, Buffer.alloc(0)));
    vi.advanceTimersByTime(9000);
    line.outgoing(control(10));
    vi.advanceTimersByTime(9999);
    expect(said()).toEqual(["101", "pong"]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["FIN"]);
  });

  test("lifetime-kill,at=2s: at that moment, as it has a moment", () => {
    const { said, injected } = openRig("lifetime-kill,at=2s");
    vi.advanceTimersByTime(2000);
    expect(said()).toEqual(["101", "FIN"]);
    expect(injected.get("lifetime-kill")).toBe(1);
    const later = openRig("lifetime-kill=1s,at=2s");
    vi.advanceTimersByTime(2999);
    expect(later.said()).toEqual(["101"]);
    vi.advanceTimersByTime(1);
    expect(later.said()).toEqual(["FIN"]);
  });

  test("lifetime-kill: however busy", () => {
    const { line, said } = openRig("lifetime-kill=3s");
    for (let second = 0; second < 5; second++) {
      line.outgoing(text(String(second)));
      vi.advanceTimersByTime(1000);
    }
    expect(said()).toEqual(["101", "text 0", "text 1", "text 2", "FIN"]);
  });
});

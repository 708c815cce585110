/** Shows what rules do to the frames of a connection, and that the receiver can always follow. */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { FrameReader } from "../../src/frame/frame-reader.js";
import type { Deflate } from "../../src/proxy/deflate.js";
import type { Interferences, Passing, Verdict } from "../../src/proxy/interference.js";
import type { CutWay, ProxyLink } from "../../src/proxy/link.js";
import { RuleHand } from "../../src/proxy/rules-interference.js";
import { Rules } from "../../src/proxy/rules.js";

type Direction = "in" | "out";

const sources = {
  file: () => Buffer.alloc(0),
  env: new Map<string, string>(),
  wallClock: () => 0,
  now: () => 0,
};

const usual: Deflate = { in: { takeover: true, bits: 15 }, out: { takeover: true, bits: 15 } };

interface Hand {
  readonly on: Interferences | undefined;
  readonly cuts: [CutWay, number | undefined, string | undefined][];
}

function hand(rules: readonly string[], deflate?: Deflate): Hand {
  const cuts: Hand["cuts"] = [];
  const all = new RuleHand(new Rules(rules, sources, "seed"));
  const link: Pick<ProxyLink, "id" | "onClose" | "cut"> = {
    id: 7,
    onClose: () => {},
    cut: (how, code, reason) => void cuts.push([how, code, reason]),
  };
  all.meet(link as ProxyLink);
  const facts = { connection: 7, target: "", path: "/", subprotocol: undefined, deflate };
  return { on: all.interfere(facts), cuts };
}

function passing(direction: Direction, text: string, facts: Partial<Passing> = {}): Passing {
  const payload = Buffer.from(text);
  const base = { opcode: 1, bytes: [], payload, compressed: false, frames: 1 };
  return { direction, ...base, ...facts };
}

interface Got {
  readonly opcode: number;
  readonly rsv: number;
  readonly mask: number | undefined;
  readonly payload: Buffer;
}

/** The frames of a verdict. */
function frames(bytes: Buffer, direction: Direction): Got[] {
  const found: { opcode: number; rsv: number; mask: number | undefined; pieces: Buffer[] }[] = [];
  const reader = new FrameReader(
    {
      begin: ({ opcode, rsv, masked, mask }) =>
        void found.push({ opcode, rsv, mask: masked ? mask : undefined, pieces: [] }),
      chunk: (buf, start, end) =>
        void found.at(-1)!.pieces.push(Buffer.from(buf.subarray(start, end))),
      end: () => {},
    },
    { role: direction === "in" ? "client" : "server", maxPayload: 1e9, allowRsv1: true },
  );
  reader.feed(Buffer.from(bytes), 0, bytes.length);
  return found.map(({ opcode, rsv, mask, pieces }) => {
    return { opcode, rsv, mask, payload: Buffer.concat(pieces) };
  });
}

function only(verdict: Verdict | undefined, direction: Direction): Got {
  const [frame, ...more] = frames(verdict?.bytes ?? Buffer.alloc(0), direction);
  expect(more).toEqual([]);
  return frame!;
}

test("without a rule for a direction nothing acts on it", () => {
  expect(hand([]).on).toBeUndefined();
  const { on } = hand(["in:x => drop"]);
  expect([on?.in !== undefined, on?.out]).toEqual([true, undefined]);
});

test("what no rule strikes passes as it came", () => {
  const { on } = hand(["x => drop"]);
  expect(on?.in?.judge(passing("in", "hello"))).toBeUndefined();
});

describe.each(["in", "out"] as const)("%s", (direction) => {
  const isMasked = direction === "out";

  test("dropped, delayed and replaced", () => {
    const { on } = hand(["a => drop", "b => delay 20ms", "c => replace {{ text }}!"]);
    const side = on?.[direction];
    expect(side?.judge(passing(direction, "a"))).toEqual({
      bytes: Buffer.alloc(0),
      note: "rule 1: dropped",
    });
    expect(side?.judge(passing(direction, "b"))).toEqual({
      delay: 20,
      note: "rule 2: delayed by 20 ms",
    });
    const verdict = side?.judge(passing(direction, "c"));
    expect(verdict?.note).toBe("rule 3: replaced");
    const frame = only(verdict, direction);
    expect(frame).toMatchObject({ opcode: 1, rsv: 0, payload: Buffer.from("c!") });
    expect(frame.mask !== undefined).toBe(isMasked);
    expect(side?.committed).toBe(false);
  });

  test("a template without its value lets the message pass, and says so", () => {
    const side = hand(["* => replace {{ message.id }}"]).on?.[direction];
    const verdict = side?.judge(passing(direction, "no JSON"));
    expect(verdict?.bytes).toBeUndefined();
    expect(verdict?.note).toMatch(/^rule 1: not applied, message\.id has no value/);
  });

  test("is committed by what the receiver's window misses, and by nothing else", () => {
    const side = hand(["a => drop"], usual).on?.[direction];
    side?.judge(passing(direction, "a"));
    expect(side?.committed).toBe(false);
    expect(side?.judge(passing(direction, "b", { compressed: true }))).toBeUndefined();
    side?.judge(passing(direction, "a", { compressed: true }));
    expect(side?.committed).toBe(true);
    const repacked = only(
      side?.judge(passing(direction, "b".repeat(99), { compressed: true })),
      direction,
    );
    expect([repacked.rsv, repacked.mask !== undefined]).toEqual([4, isMasked]);
    // What was not packed means the same whatever was before it.
    expect(side?.judge(passing(direction, "b"))).toBeUndefined();
  });

  test("is never committed without context takeover", () => {
    const side = { takeover: false, bits: 15 };
    const one = hand(["a => drop"], { in: side, out: side }).on?.[direction];
    one?.judge(passing(direction, "a", { compressed: true }));
    expect(one?.committed).toBe(false);
    expect(one?.judge(passing(direction, "b", { compressed: true }))).toBeUndefined();
  });
});

test("closes the client from the way in, and says nothing after that", () => {
  const { on, cuts } = hand(["bad => close 4001 no such thing"]);
  const verdict = on?.in?.judge(passing("in", "bad"));
  expect(verdict).toMatchObject({ isLast: true });
  const frame = only(verdict, "in");
  expect(frame.opcode).toBe(8);
  expect(frame.payload.readUInt16BE(0)).toBe(4001);
  expect(frame.payload.toString("utf8", 2)).toBe("no such thing");
  expect(cuts).toEqual([]);
});

test("closes the client from the way out, without the message", () => {
  const { on, cuts } = hand(["bad => close 4001 no"]);
  expect(on?.out?.judge(passing("out", "bad"))?.bytes).toEqual(Buffer.alloc(0));
  expect(cuts).toEqual([["close", 4001, "no"]]);
});

test("heartbeats can be dropped, a close frame's reason replaced", () => {
  const { on } = hand(["opcode:pong => drop", "opcode:close => replace changed"]);
  expect(on?.out?.judge(passing("out", "", { opcode: 10 }))?.bytes).toEqual(Buffer.alloc(0));
  expect(on?.out?.judge(passing("out", "", { opcode: 9 }))).toBeUndefined();
  const verdict = on?.out?.judge(
    passing("out", "\u0003bye", { opcode: 8, payload: Buffer.from([3, 232, 0x62]) }),
  );
  const frame = only(verdict, "out");
  expect([frame.opcode, frame.payload.toString("latin1")]).toEqual([8, "\u0003\u00e8changed"]);
});

/** A sender with context takeover, as servers have one: what it says refers to what it said before. */
function packer(): (payload: Buffer) => Buffer {
  let history = Buffer.alloc(0);
  return (payload) => {
    const dictionary = history.subarray(-32_768);
    const packed = deflateRawSync(payload, {
      ...(dictionary.length > 0 && { dictionary }),
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    history = Buffer.concat([history, payload]);
    return packed.subarray(0, -4);
  };
}

/** A receiver with context takeover. */
function unpacker(): (payload: Buffer) => Buffer {
  let history = Buffer.alloc(0);
  return (payload) => {
    const dictionary = history.subarray(-32_768);
    const found = inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), {
      ...(dictionary.length > 0 && { dictionary }),
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    history = Buffer.concat([history, found]);
    return found;
  };
}

test("a receiver with context takeover understands all that is left, whatever was struck", () => {
  const words = fc.constantFrom("drop", "change", "wait", "other", "again and again");
  const message = fc.record({ word: words, packed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      const rules = ["drop => drop", "change => replace <{{ text }}>", "wait => delay 1ms"];
      const side = hand(rules, usual).on!.in!;
      const [pack, unpack] = [packer(), unpacker()];
      const got: string[] = [];
      const expected: string[] = [];
      for (const [index, { word, packed }] of messages.entries()) {
        const text = `${word} and some more of what is said, number ${index % 3}`;
        if (word !== "drop") expected.push(word === "change" ? `<${text}>` : text);
        const payload = Buffer.from(text);
        const wire = packed ? pack(payload) : payload;
        const original = encodeFrame({ opcode: 1, rsv: packed ? 4 : 0 }, wire);
        const verdict = side.judge(passing("in", text, { compressed: packed }));
        for (const frame of frames(verdict?.bytes ?? original, "in")) {
          const said = frame.rsv === 4 ? unpack(frame.payload) : frame.payload;
          got.push(said.toString("utf8"));
        }
      }
      expect(got).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("gives a reason to a close frame that had neither code nor reason", () => {
  const { on } = hand(["opcode:close => replace hello"]);
  const bare = only(on?.in?.judge(passing("in", "", { opcode: 8 })), "in");
  expect(bare.payload).toEqual(Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from("hello")]));
});

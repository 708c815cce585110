/** Values that are carried from answers into later sends, and paces: what is found and what is put in. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MessageView } from "../../src/message/view.js";
import { parseCapture } from "../../src/replay/captures.js";
import { Detector } from "../../src/replay/detect.js";
import { Learned } from "../../src/replay/learned.js";
import { parsePace, Schedule } from "../../src/replay/pace.js";
import { redactedFields, withVariables } from "../../src/replay/redacted-fields.js";

const view = (text: string, op = 1) => new MessageView(op, Buffer.from(text));
const nobody = () => {};
const capture = parseCapture("token=$.session");

describe("learned values in what is sent", () => {
  test("as a whole, within text, and in URLs; JSON keeps its form", () => {
    const learned = new Learned();
    learned.learn("tok-123456", 'new "token"', { capture });
    learned.learn(1234, 98_765);
    const said =
      '{ "a" :"tok-123456", "tok-123456":1.50, "u":"x?t=tok-123456&y", "n":1234,"m":12345 }';
    expect(learned.messageOf(view(said), nobody).toString()).toBe(
      '{ "a" :"new \\"token\\"", "tok-123456":1.50, "u":"x?t=new \\"token\\"&y", "n":98765,"m":12345 }',
    );
    expect(learned.messageOf(view("go tok-123456!"), nobody).toString()).toBe('go new "token"!');
  });

  test("JSON stays JSON, whatever is put in", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.string(), (value, now) => {
        const learned = new Learned();
        learned.learn("recorded-1", now, { capture });
        const said = JSON.stringify({ value, token: "recorded-1", within: "a recorded-1 b" });
        const sent: unknown = JSON.parse(learned.messageOf(view(said), nobody).toString());
        expect(sent).toEqual(
          JSON.parse(JSON.stringify({ value, token: now, within: `a ${now} b` })),
        );
      }),
      { numRuns: 150 },
    );
  });

  test("what is no text is left alone", () => {
    const learned = new Learned();
    learned.learn("abcdef", "x", { capture });
    const bytes = Buffer.from([0xff, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66]);
    expect(learned.messageOf(new MessageView(2, bytes), nobody)).toEqual(bytes);
  });

  test("many values cost no more than few", () => {
    const learned = new Learned();
    for (let index = 0; index < 30_000; index++)
      learned.learn(`value-${index}`, `now-${index}`, { capture });
    const said = JSON.stringify(
      Array.from({ length: 5000 }, (_, index) => `value-${25_000 + index}`),
    );
    const sent = JSON.parse(learned.messageOf(view(said), nobody).toString()) as string[];
    expect(sent[4999]).toBe("now-29999");
    expect(learned.valueOf("value-1")).toBeUndefined();
  });

  test("captures as they are written", () => {
    expect(parseCapture("token=$.a.b").read(view('{"a":{"b":"x"}}'))).toBe("x");
    expect(parseCapture("sid=/sid=(\\w+)/").read(view("x sid=ab12;"))).toBe("ab12");
    expect(parseCapture("all=/\\(\\w+\\)/").read(view("x (ab)"))).toBe("(ab)");
    for (const wrong of ["", "token", "=x", "token=", "a.b=$.x", "t=/(/", "t=$["]) {
      expect(() => parseCapture(wrong)).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
    }
  });
});

describe("detection", () => {
  const detected = (...messages: [direction: "in" | "out", text: string][]) => {
    const detector = new Detector();
    const counts = { in: 0, out: 0 };
    for (const [direction, text] of messages) {
      const number = ++counts[direction];
      if (direction === "in") detector.received(view(text), number);
      else detector.sent(view(text), number);
    }
    return [...detector.found.keys()];
  };

  test("received first and sent later", () => {
    expect(detected(["in", '{"s":"abcdef1"}'], ["out", '{"t":"abcdef1"}'])).toEqual(["abcdef1"]);
    expect(detected(["in", '{"id":4711}'], ["out", '{"ref":[4711]}'])).toEqual(["4711"]);
    expect(detected(["in", '{"id":4711}'], ["out", "ref 4711 and x"])).toEqual([]);
    expect(detected(["in", "SESSION a1b2c3d4"], ["out", "USE a1b2c3d4"])).toEqual(["a1b2c3d4"]);
    expect(detected(["in", '{"s":"a1b2c3d4"}'], ["out", '{"u":"/x?s=a1b2c3d4"}'])).toEqual([
      "a1b2c3d4",
    ]);
  });

  test("neither what is short, nor what the client said first, nor words of a text", () => {
    expect(detected(["in", '{"s":"abc","n":12}'], ["out", '{"t":"abc","n":12}'])).toEqual([]);
    expect(
      detected(
        ["out", '{"room":"lobby-1"}'],
        ["in", '{"room":"lobby-1"}'],
        ["out", '{"room":"lobby-1"}'],
      ),
    ).toEqual([]);
    expect(detected(["in", "hello everybody"], ["out", "goodbye everybody"])).toEqual([]);
  });

  test("memory is bounded, and so is the work for one message", () => {
    const detector = new Detector();
    for (let round = 0; round < 60; round++) {
      const values = Array.from({ length: 2000 }, (_, index) => `value-${round}-${index}`);
      detector.received(view(JSON.stringify(values)), round + 1);
    }
    detector.sent(view('["value-0-1","value-59-1999"]'), 1);
    expect([...detector.found.keys()]).toEqual(["value-59-1999"]);
    detector.received(view("[".repeat(3000) + "]".repeat(3000)), 61);
  });
});

describe("what was redacted", () => {
  test("fields are asked for by their names, and filled in", () => {
    const said = view(
      '{"user":"a","auth":{"password":"[redacted]"},"keys":["x[redacted]"],"a b":"[redacted]"}',
    );
    expect(redactedFields(said)).toEqual(["password", "keys", "redacted"]);
    const variables = new Map([
      ["password", 'p"1'],
      ["keys", "k"],
    ]);
    expect(withVariables(said, variables, () => {})?.toString()).toBe(
      '{"user":"a","auth":{"password":"p\\"1"},"keys":["xk"],"a b":"[redacted]"}',
    );
    expect(
      withVariables(view("PASS [redacted]"), new Map([["redacted", "x"]]), () => {})?.toString(),
    ).toBe("PASS x");
  });
});

describe("paces", () => {
  test("as they are written", () => {
    expect(parsePace("2x")).toEqual({ kind: "recorded", speed: 2 });
    expect(parsePace("GATED")).toEqual({ kind: "gated" });
    for (const wrong of ["", "fast", "0x", "-1x", "1e9x", "x", "NaNx"]) {
      expect(() => parsePace(wrong)).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
    }
  });

  test("delays do not add up, pauses are capped, times that go back are no time", () => {
    const due = (times: number[], pace: string, cap?: number) => {
      const schedule = new Schedule(parsePace(pace), 1000, cap);
      return times.map((t) => {
        schedule.next(t);
        return schedule.due;
      });
    };
    expect(due([5, 10, 30], "recorded")).toEqual([1000, 1005, 1025]);
    expect(due([0, 10, 30], "2x")).toEqual([1000, 1005, 1015]);
    expect(due([0, 5000, 5010], "recorded", 100)).toEqual([1000, 1100, 1110]);
    expect(due([0, 100, 50, 60], "recorded")).toEqual([1000, 1100, 1100, 1110]);
    expect(due([0, 1e300], "asap")).toEqual([1000, 1000]);
  });
});

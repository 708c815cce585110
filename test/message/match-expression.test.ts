import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMatchExpression } from "../../src/message/match-expression.js";
import { mistakeOf, succeedsOrRefuses } from "./mistake.js";
import { binary, control, json, text } from "./views.js";

const done = json({ op: "done", n: 7, s: "a == b", list: ["x y"], "a b": 1, ok: true, nil: null });

describe("parseMatchExpression", () => {
  test.each([
    ["$", true],
    ["$.op", true],
    ["  $.op  ", true],
    ["$.nothing", false],
    ["$.op == done", true],
    ['$.op == "done"', true],
    ["$.op == 'done'", true],
    ['$.op=="done"', true],
    ["$.op==done", true],
    ["$.op != done", false],
    ["$.op != ping", true],
    ["$.n > 6", true],
    ["$.n>6", true],
    ["$.n > 7", false],
    ["$.n >= 7", true],
    ["$.n < 8", true],
    ["$.n <= 6", false],
    ["$.n == 7", true],
    ['$.n == "7"', false],
    ["$.ok == true", true],
    ["$.nil == null", true],
    ["$.s == a == b", true],
    ["$.s contains ==", true],
    ["$.op contains on", true],
    ["$.op =~ ^d", true],
    ["$.op =~ /^D/i", true],
    ["$.op =~ /^D/", false],
    ['$.list == ["x y"]', true],
    ["$.list contains 'x y'", true],
    ["$['a b'] == 1", true],
    ["$['a b']", true],
    ["$[?@ == 'done']", true],
    ["$[?@ == 'done'] == done", true],
    ["$[?@ > 6] < 8", true],
    ['/^."OP"/i', true],
    ['/^."OP"/', false],
    ["/n.:7/", true],
    ["contains:$.op", false],
    ["contains:done", true],
    ["done", true],
    ["nope", false],
  ])("%s → %s", (source, expected) => {
    expect(parseMatchExpression(source).test(done)).toBe(expected);
  });

  test.each([
    ["text:hello", "hello", true],
    ["text:hello", "hello world", false],
    ["text: hello", " hello", true],
    ["hello", "well hello there", true],
    ["/etc/passwd", "cat /etc/passwd", true],
    ["/etc", "cat /etc", true],
    ["$5 paid", "he $5 paid", true],
    ["$HOME", "echo $HOME", true],
    ["contains:/x/", "a/x/b", true],
    ["contains:text:x", "text:x", true],
    ["http://h/p", "see http://h/p", true],
    ["unknown:thing", "an unknown:thing", true],
    ["ä", "ä", true],
  ])("%s of the text %j → %s", (source, payload, expected) => {
    expect(parseMatchExpression(source).test(text(payload))).toBe(expected);
  });

  test("speaks of bytes and opcodes", () => {
    expect(parseMatchExpression("hex:0001").test(binary("000102"))).toBe(true);
    expect(parseMatchExpression("hex:00 01").test(binary("0002"))).toBe(false);
    expect(parseMatchExpression("opcode:ping").test(control("ping"))).toBe(true);
    expect(parseMatchExpression("opcode:ping").test(text("ping"))).toBe(false);
    expect(parseMatchExpression("ping").test(control("ping", "ping"))).toBe(false);
  });

  test.each([
    ["", "it is empty"],
    ["   ", "it is empty"],
    ["$.op = done", 'no operator "="'],
    ["$.op === done", 'no operator "==="'],
    ["$.op is done", 'no operator "is"'],
    ["$.op ==", "needs a value"],
    ['$.op == "done', "not JSON"],
    ["$.op == {a:1}", "not JSON"],
    ["$.n > many", "expected a number"],
    ["$..", "not a JSONPath"],
    ["$[0", "not a JSONPath"],
    ["/(/", "not a regular expression"],
    ["/a/g", "unknown flag"],
    ["$.a =~ /a/g", "unknown flag"],
    ["hex:0", "not hexadecimal"],
    ["opcode:pin", "did you mean ping?"],
  ])("refuses %j", (source, why) => {
    expect(mistakeOf(() => parseMatchExpression(source))).toContain(why);
  });

  test("plain text is found where it is and nowhere else", () => {
    const plain = fc.stringMatching(/^[a-z0-9 äß.,]{1,20}$/).filter((each) => each.trim() !== "");
    fc.assert(
      fc.property(plain, fc.string({ maxLength: 20 }), (wanted, payload) => {
        const matcher = parseMatchExpression(wanted);
        const trimmed = wanted.trim();
        expect(matcher.test(text(`<${trimmed}>`))).toBe(true);
        expect(matcher.test(text(payload))).toBe(text(payload).text!.includes(trimmed));
      }),
    );
  });

  test("never throws anything but a mistake, whatever is written", () => {
    const bits = "$ . [ ] ( ) == != > =~ contains / \\ ' \" a 1 { } : text: hex: opcode: i x".split(
      " ",
    );
    const soup = fc
      .array(fc.constantFrom(...bits, " "), { maxLength: 12 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string(), soup), (source) =>
        succeedsOrRefuses(() => parseMatchExpression(source).test(done)),
      ),
      { numRuns: 2000 },
    );
  });
});

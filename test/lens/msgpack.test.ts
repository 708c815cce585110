import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { msgpack } from "../../src/lens/msgpack.js";
import type { Plain } from "../../src/lens/plain.js";
import { binary, text } from "./seen.js";

function see(bytes: Uint8Array | string): ReturnType<ReturnType<typeof msgpack.create>["see"]> {
  const data = typeof bytes === "string" ? Buffer.from(bytes.replace(/\s/g, ""), "hex") : bytes;
  return msgpack.create().see(binary("in", data));
}

/** Bytes of the specification's formats, and what they say. */
test.each<[string, Plain]>([
  ["82 a7636f6d70616374 c3 a6736368656d61 00", { compact: true, schema: 0 }],
  ["c0", null],
  ["7f", 127],
  ["e0", -32],
  ["cc ff", 255],
  ["cd ffff", 65_535],
  ["ce ffffffff", 4_294_967_295],
  ["cf 0000000000000001", 1],
  ["cf ffffffffffffffff", { $number: "18446744073709551615" }],
  ["d0 80", -128],
  ["d1 8000", -32_768],
  ["d2 80000000", -2_147_483_648],
  ["d3 8000000000000000", { $number: "-9223372036854775808" }],
  ["ca 3f800000", 1],
  ["cb 3ff8000000000000", 1.5],
  ["cb 7ff8000000000000", { $number: "NaN" }],
  ["ca ff800000", { $number: "-Infinity" }],
  ["d9 02 6869", "hi"],
  ["da 0002 6869", "hi"],
  ["db 00000002 6869", "hi"],
  ["c4 03 010203", { $binary: "AQID" }],
  ["c5 0001 ff", { $binary: "/w==" }],
  ["c6 00000000", { $binary: "" }],
  ["dc 0002 01 02", [1, 2]],
  ["dd 00000001 90", [[]]],
  ["de 0001 a161 80", { a: {} }],
  ["df 00000001 01 02", { 1: 2 }],
  ["81 c3 01", { true: 1 }],
  ["81 c4 01 ff 01", { '{"$binary":"/w=="}': 1 }],
  ["81 cf ffffffffffffffff 01", { '{"$number":"18446744073709551615"}': 1 }],
  ["81 d4 05 2a 01", { '{"$ext":5,"$binary":"Kg=="}': 1 }],
  ["d4 05 2a", { $ext: 5, $binary: "Kg==" }],
  ["c7 00 05", { $ext: 5, $binary: "" }],
  ["d6 ff 00000000", { $timestamp: "1970-01-01T00:00:00Z" }],
  ["d7 ff ee6b27fc 00000001", { $timestamp: "1970-01-01T00:00:01.999999999Z" }],
  ["c7 0c ff 00000000 ffffffffffffffff", { $timestamp: "1969-12-31T23:59:59Z" }],
  ["c7 0c ff 00000000 7fffffffffffffff", { $ext: -1, $binary: "AAAAAH//////////" }],
])("reads %s", (bytes, body) => {
  expect(see(bytes)).toMatchObject({ kind: "event", body });
});

test("names what it sees", () => {
  expect(see(encode({ op: "join", room: 7 }))?.title).toBe("← {op, room}");
  expect(see(encode([1, 2]))?.title).toBe("← 2 items");
});

test("leaves text alone", () => {
  expect(msgpack.create().see(text("in", "1"))).toBeUndefined();
});

test.each([
  ["", "it ends too early"],
  ["c1", "a value at byte 0 is none"],
  ["91 c1", "a value at byte 1 is none"],
  ["92 01", "it ends too early"],
  ["a5 6869", "it ends too early"],
  ["d9", "a value at byte 0 is none"],
  ["c9 ffffffff 01", "it ends too early"],
  ["dd ffffffff", "it ends too early"],
  ["df ffffffff 01 01", "it ends too early"],
  ["01 02", "more follows the value, from byte 1 on"],
  ["81 92 01 02 03", "a key is a list or a map, which cannot be shown"],
  ["81 80 03", "a key is a list or a map, which cannot be shown"],
  ["81 a9 5f5f70726f746f5f5f 80", "The key __proto__ is not allowed"],
])("says why %s is none", (bytes, flaw) => {
  expect(see(bytes)).toEqual({ title: `← not MessagePack: ${flaw}`, kind: "error" });
});

describe("hostile", () => {
  test("arrays within arrays that announce more than there is take no memory", () => {
    const before = process.memoryUsage().rss;
    for (const head of ["dcffff", "dd00ffffff", "deffff01"]) {
      expect(see(head.repeat(100_000))).toMatchObject({ kind: "error" });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test("keys within keys do not double their escapes at each level", () => {
    const depth = 400;
    expect(see("81".repeat(depth) + "a122" + "01".repeat(depth))).toMatchObject({ kind: "error" });
  });

  test("nesting beyond 500 is refused, wide or narrow", () => {
    expect(see(`${"91".repeat(499)}c0`)).toMatchObject({ kind: "event" });
    expect(see(`${"91".repeat(100_000)}c0`)).toEqual({
      title: "← not MessagePack: it is nested too deep",
      kind: "error",
    });
  });

  test("random bytes never throw", () => {
    const lens = msgpack.create();
    const message = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(message, (bytes) => {
        const view = lens.see(binary("in", bytes));
        expect(view?.kind === "event" || view?.kind === "error").toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("every prefix of a message is told from the whole", () => {
    const whole = encode({ a: [1, "two", 3.5, { b: Buffer.from([1]) }], c: null });
    for (let length = 0; length < whole.length; length++) {
      expect(see(whole.subarray(0, length))).toMatchObject({ kind: "error" });
    }
    expect(see(whole)).toMatchObject({ kind: "event" });
  });
});

describe("writes", () => {
  test("JSON as MessagePack, and reads the same again", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, (original) => {
        const said = JSON.stringify(original);
        fc.pre(!said.includes("__proto__"));
        const lens = msgpack.create();
        const view = lens.see({ ...lens.encode(said), direction: "out", at: 0 });
        expect(JSON.stringify(view?.body)).toBe(said);
      }),
      { numRuns: 200 },
    );
  });

  test("bytes", () => {
    const sent = msgpack.create().encode('[{"$binary":"AQID"}]');
    expect(sent).toEqual({ data: Buffer.from("91c403010203", "hex"), binary: true });
  });

  test.each(["", "hello", "{a:1}", "[".repeat(1000)])("no %j", (line) => {
    expect(() => msgpack.create().encode(line)).toThrow(
      expect.objectContaining({
        code: "WSCTL_EUSAGE",
        hint: 'write it like: {"op":"join","room":7}',
      }),
    );
  });
});

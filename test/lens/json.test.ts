import { expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { json } from "../../src/lens/json.js";
import { binary, facts, text } from "./seen.js";

test.each([
  ['{"id":1,"name":"x"}', "← {id, name}"],
  ['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}', "← {a, b, c, d, e, …}"],
  ["{}", "← {}"],
  ["[1]", "← 1 item"],
  [" [1,2,3] ", "← 3 items"],
  ['"hello"', '← "hello"'],
  ["-1.5e3", "← -1500"],
  ["null", "← null"],
])("names %s", (payload, title) => {
  expect(facts(json.create().see(text("in", payload)))).toEqual({
    title,
    kind: "event",
    body: JSON.parse(payload) as unknown,
  });
});

test("reads binary messages too", () => {
  const view = json.create().see(binary("out", Buffer.from('{"a":1}')));
  expect(view).toMatchObject({ title: "→ {a}", body: { a: 1 } });
});

test.each(["", "hello", "{", '{"a":}', "nul", "[1,]", "\u0000"])("leaves %j alone", (payload) => {
  expect(json.create().see(text("in", payload))).toBeUndefined();
});

test("leaves bytes alone that are no UTF-8", () => {
  expect(json.create().see(binary("in", Buffer.from([0x22, 0xff, 0x22])))).toBeUndefined();
});

test("takes 500 levels and no more, brackets in strings not counted", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const lens = json.create();
  expect(lens.see(text("in", nested(500)))).toMatchObject({ title: "← 1 item" });
  expect(lens.see(text("in", nested(501)))).toBeUndefined();
  expect(lens.see(text("in", nested(200_000)))).toBeUndefined();
  const quoted = JSON.stringify(`\\"${"[".repeat(1000)}`);
  expect(lens.see(text("in", `[${quoted}]`))).toMatchObject({ title: "← 1 item" });
});

test("keeps __proto__ as an ordinary key", () => {
  const view = json.create().see(text("in", '{"__proto__":{"polluted":1}}'));
  expect(Object.hasOwn(view?.body as object, "__proto__")).toBe(true);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test("sends JSON as it was written, and nothing else", () => {
  const lens = json.create();
  const sent = lens.encode(' {"id": 12345678901234567890} ');
  expect(sent).toEqual({ data: Buffer.from('{"id": 12345678901234567890}'), binary: false });
  expect(() => lens.encode("{id:1}")).toThrow(
    expect.objectContaining({ code: "WSCTL_EUSAGE", hint: 'write it like: {"type":"hello"}' }),
  );
  expect(() => lens.encode("\u001b[2J")).toThrow(WsctlError);
});

/** Holds the guard of messages against schemas, and against what hostile clients send. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Mode } from "../../../src/serve/mode.js";
import { connect, guarded, guardsFor } from "./guarded.js";

const dir = mkdtempSync(path.join(tmpdir(), "wsctl-schema-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function fileWith(schema: unknown): string {
  const file = path.join(dir, `${++files}.json`);
  writeFileSync(file, typeof schema === "string" ? schema : JSON.stringify(schema));
  return file;
}

const order = {
  type: "object",
  properties: { n: { type: "integer", minimum: 1 }, at: { format: "a-format-of-our-own" } },
  required: ["n"],
};

test("what is valid passes as it was, what is not is answered", async () => {
  const server = await guarded({ schema: fileWith(order) });
  const client = await connect(server);
  client.send('{ "n": 1, "at": 5 }');
  expect(await client.next()).toBe('{ "n": 1, "at": 5 }');
  client.send('{"n":0}');
  expect(JSON.parse(await client.next())).toEqual({
    error: "the message is not what the schema asks for",
    details: [{ path: "/n", message: "must be >= 1" }],
  });
  client.send("hello");
  expect(JSON.parse(await client.next())).toEqual({
    error: "the message is not JSON",
    details: [{ path: "", message: "it cannot be parsed" }],
  });
  client.send('{"n":2}');
  expect(await client.next()).toBe('{"n":2}');
  client.socket.send(Buffer.from('{"n":2}'));
  expect(JSON.parse(await client.next())).toEqual({
    error: "the message is not JSON",
    details: [{ path: "", message: "it is binary" }],
  });
  expect(await client.closed).toEqual([1008, "too many invalid messages"]);
});

test("strikes say how many; nothing invalid reaches the mode", async () => {
  const heard: string[] = [];
  const mode: Mode = {
    accept(peer) {
      peer.onMessage = (data) => void heard.push(data.toString());
    },
  };
  const server = await guarded({ schema: fileWith(order), strikes: "5" }, { mode });
  const client = await connect(server);
  client.send(...Array.from({ length: 50 }, () => "{}"), '{"n":1}');
  expect(await client.closed).toEqual([1008, "too many invalid messages"]);
  expect(client.unread).toHaveLength(5);
  expect(heard).toEqual([]);
});

test.each(["{}", '{"constructor":1}', '{"__proto__":{"n":1}}', "null", "[]", "1e999", '"n"', ""])(
  "%s does not pass for an order",
  async (text) => {
    const client = await connect(await guarded({ schema: fileWith(order), strikes: "1" }));
    client.send(text);
    expect(JSON.parse(await client.next())).toHaveProperty("error");
    expect(await client.closed).toEqual([1008, "too many invalid messages"]);
  },
);

test("inherited members are none", async () => {
  const schema = { type: "object", required: ["constructor", "toString"] };
  const client = await connect(await guarded({ schema: fileWith(schema) }));
  client.send("{}");
  expect(await client.next()).toContain("must have required property");
});

test("a pattern that JavaScript would take years for takes no time", async () => {
  const schema = {
    properties: { a: { pattern: "^(a+)+$" }, b: { pattern: "b.d" } },
    patternProperties: { "^(x+)+$": false },
  };
  const client = await connect(await guarded({ schema: fileWith(schema), strikes: "10" }));
  client.send(JSON.stringify({ a: `${"a".repeat(50_000)}!` }));
  expect(await client.next()).toContain('must match pattern \\"^(a+)+$\\"');
  client.send(JSON.stringify({ [`${"x".repeat(5000)}!`]: 1 }));
  expect(await client.next()).toMatch(/^\{"x/);
  // Patterns match anywhere, and are not mixed up with each other.
  client.send('{"a":"aa","b":"abcde"}', '{"b":"aa"}', '{"xx":1}');
  expect(await client.next()).toBe('{"a":"aa","b":"abcde"}');
  expect(await client.next()).toContain('must match pattern \\"b.d\\"');
  expect(await client.next()).toContain("error");
});

test("a pattern that cannot be matched in linear time is refused, and shown", () => {
  expect(() => guardsFor({ schema: fileWith({ pattern: "(?=a)b" }) })).toThrow(
    expect.objectContaining({
      message: expect.stringContaining("not a regular expression") as string,
      hint: expect.stringContaining("RE2") as string,
      where: ["(?=a)b"],
    }),
  );
});

test("a message of more than 1 MiB is not looked at", async () => {
  const server = await guarded({ schema: fileWith({}) }, { maxPayload: 2 ** 22 });
  const client = await connect(server);
  const most = JSON.stringify("x".repeat(2 ** 20 - 2));
  client.send(most);
  expect((await client.next()).length).toBe(2 ** 20);
  client.send(`${most} `);
  expect(JSON.parse(await client.next())).toEqual({
    error: "the message is too large for the schema",
    details: [{ path: "", message: "it has 1048577 bytes, and at most 1048576 are looked at" }],
  });
});

test("strikes alone say nothing", () => {
  expect(() => guardsFor({ strikes: "2" })).toThrow("--strikes says nothing without --schema");
});

test("a message deeper than the stack is invalid, and the server lives", async () => {
  const schema = { $id: "tree", anyOf: [{ type: "integer" }, { items: { $ref: "tree" } }] };
  const client = await connect(await guarded({ schema: fileWith(schema) }));
  client.send(`${"[".repeat(200_000)}1${"]".repeat(200_000)}`);
  expect(await client.next()).toMatch(/^\{"error":/);
  client.send("[[1]]");
  expect(await client.next()).toBe("[[1]]");
});

test.each([
  "https://json-schema.org/draft/2020-12/schema",
  "https://json-schema.org/draft/2019-09/schema",
  "http://json-schema.org/draft-07/schema#",
])("the dialect %s is understood", async ($schema) => {
  const client = await connect(await guarded({ schema: fileWith({ $schema, const: 1 }) }));
  client.send("2", "1");
  expect(await client.next()).toContain("must be equal to constant");
  expect(await client.next()).toBe("1");
});

test.each<[string, string]>([
  ["no file", path.join(dir, "missing.json")],
  ["no JSON", fileWith("{")],
  ["no object", fileWith([])],
  ["null", fileWith("null")],
  ["an impossible type", fileWith({ type: "wish" })],
  ["a reference to elsewhere", fileWith({ $ref: "https://schema.example/x.json" })],
  ["a dialect of another time", fileWith({ $schema: "http://json-schema.org/draft-04/schema#" })],
  ["an asynchronous schema", fileWith({ $async: true })],
])("a schema that is %s cannot be meant", (_what, schema) => {
  expect(() => guardsFor({ schema })).toThrow(
    expect.objectContaining({
      code: "WSCTL_EUSAGE",
      message: expect.stringContaining(`--schema: cannot use ${schema}`) as string,
      hint: expect.any(String) as string,
    }),
  );
});

test.each(["0", "none"])("--strikes %s cannot be meant", (strikes) => {
  expect(() => guardsFor({ schema: fileWith({}), strikes })).toThrow(/^--strikes: /);
});

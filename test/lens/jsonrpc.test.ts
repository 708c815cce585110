import { describe, expect, test } from "vitest";
import { jsonrpc } from "../../src/lens/jsonrpc.js";
import { conversation, facts, linesOf, text, titles } from "./seen.js";

/** The examples of the specification, §7; one message each 10 ms. */
const specification = [
  ['> {"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}', "→ subtract #1"],
  ['< {"jsonrpc": "2.0", "result": 19, "id": 1}', "← result of subtract #1 (10.0 ms)"],
  [
    '> {"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    "→ subtract #3",
  ],
  ['< {"jsonrpc": "2.0", "result": 19, "id": 3}', "← result of subtract #3 (10.0 ms)"],
  ['> {"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', "→ update"],
  ['> {"jsonrpc": "2.0", "method": "foobar", "id": "1"}', "→ foobar #1"],
  [
    '< {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}',
    "← error of foobar #1: -32601 Method not found (10.0 ms)",
  ],
  ['> {"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', undefined],
  [
    '< {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
    "← error #null: -32700 Parse error",
  ],
  [
    '> {"jsonrpc": "2.0", "method": 1, "params": "bar"}',
    "→ broken JSON-RPC: its method is no string",
  ],
  ["> []", undefined],
  ["> [1,2,3]", undefined],
  [
    '> [{"jsonrpc":"2.0","method":"sum","params":[1,2,4],"id":"1"},{"jsonrpc":"2.0","method":"notify_hello","params":[7]},{"jsonrpc":"2.0","method":"get_data","id":"9"}]',
    "→ batch: 2 requests, 1 notification",
  ],
  [
    '< [{"jsonrpc":"2.0","result":7,"id":"1"},{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null},{"jsonrpc":"2.0","result":["hello",5],"id":"9"}]',
    "← batch: 1 error, 2 results (10.0 ms)",
  ],
] as const;

test("names the examples of the specification", () => {
  const lines = specification.map(([line]) => line);
  expect(titles(jsonrpc.create(), lines)).toEqual(specification.map(([, title]) => title));
});

test("tells parameters, results and errors from their envelope", () => {
  const views = conversation(jsonrpc.create(), [
    '> {"jsonrpc":"2.0","id":1,"method":"sum","params":{"a":1}}',
    '< {"jsonrpc":"2.0","id":1,"result":[3]}',
    '< {"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","data":2}}',
    '< {"jsonrpc":"2.0","method":"tick"}',
  ]);
  expect(views.map(facts)).toEqual([
    { title: "→ sum #1", kind: "request", body: { a: 1 } },
    {
      title: "← result of sum #1 (10.0 ms)",
      kind: "response",
      body: [3],
      reply: { to: "sum #1", elapsed: 10 },
    },
    // Answered before: nothing is known of it any more.
    { title: "← error #1: 1 m", kind: "error", body: { code: 1, message: "m", data: 2 } },
    { title: "← tick", kind: "event" },
  ]);
});

test('both sides ask, with the same ids, and 1 is not "1"', () => {
  const lines = [
    '> {"jsonrpc":"2.0","id":1,"method":"mine"}',
    '< {"jsonrpc":"2.0","id":1,"method":"theirs"}',
    '< {"jsonrpc":"2.0","id":"1","result":0}',
    '> {"jsonrpc":"2.0","id":1,"result":0}',
    '< {"jsonrpc":"2.0","id":1,"result":0}',
  ];
  expect(titles(jsonrpc.create(), lines).slice(2)).toEqual([
    "← result #1",
    "→ result of theirs #1 (20.0 ms)",
    "← result of mine #1 (40.0 ms)",
  ]);
});

test("speaks with the Chrome DevTools, and with JSON-RPC 1.0", () => {
  const lines = [
    '> {"id":1,"method":"Page.enable"}',
    '< {"id":1,"result":{}}',
    '< {"method":"Page.loadEventFired","params":{"timestamp":1}}',
    '< {"id":7,"result":1,"error":null}',
    '< {"id":7,"result":null,"error":"no"}',
    '< {"type":"hello"}',
  ];
  expect(titles(jsonrpc.create(), lines)).toEqual([
    "→ Page.enable #1",
    "← result of Page.enable #1 (10.0 ms)",
    "← Page.loadEventFired",
    "← result #7",
    "← error #7",
    undefined,
  ]);
});

test.each([
  ['{"jsonrpc":"2.0"}', "neither a request nor a response"],
  ['{"jsonrpc":"2.0","method":{}}', "its method is no string"],
  ['{"jsonrpc":"2.0","method":"a","id":{}}', "its id is neither a string nor a number"],
  ['{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1}}', "both a result and an error #1"],
  ['{"jsonrpc":"2.0","result":1}', "neither a request nor a response"],
])("says what is broken about %s", (line, flaw) => {
  expect(facts(jsonrpc.create().see(text("in", line)))).toEqual({
    title: `← broken JSON-RPC: ${flaw}`,
    kind: "error",
    body: JSON.parse(line) as unknown,
  });
});

test("remembers the newest 10,000 requests", () => {
  const lens = jsonrpc.create();
  for (let id = 0; id <= 10_000; id++) lens.see(text("out", `{"id":${id},"method":"m"}`));
  expect(lens.see(text("in", '{"id":0,"result":1}', 5))?.reply).toBeUndefined();
  expect(lens.see(text("in", '{"id":1,"result":1}', 5))?.reply).toEqual({ to: "m #1", elapsed: 5 });
});

test("an id of a megabyte is shown in part and not remembered", () => {
  const lens = jsonrpc.create();
  const id = JSON.stringify("x".repeat(1_000_000));
  expect(lens.see(text("out", `{"id":${id},"method":"m"}`))?.title).toMatch(/^→ m #x{39}…$/);
  expect(lens.see(text("in", `{"id":${id},"result":1}`))?.reply).toBeUndefined();
});

describe("writes", () => {
  test.each([
    ['sum {"a":1}', '{"jsonrpc":"2.0","id":1,"method":"sum","params":{"a":1}}'],
    [
      "sum [12345678901234567890]",
      '{"jsonrpc":"2.0","id":1,"method":"sum","params":[12345678901234567890]}',
    ],
    [" ping ", '{"jsonrpc":"2.0","id":1,"method":"ping"}'],
    ['say"so', '{"jsonrpc":"2.0","id":1,"method":"say\\"so"}'],
    ["notify tick [1]", '{"jsonrpc":"2.0","method":"tick","params":[1]}'],
    ["notify tick", '{"jsonrpc":"2.0","method":"tick"}'],
    ["notify [1]", '{"jsonrpc":"2.0","id":1,"method":"notify","params":[1]}'],
    ["notify", '{"jsonrpc":"2.0","id":1,"method":"notify"}'],
    ['{"jsonrpc":"2.0","id":7,"result":0}', '{"jsonrpc":"2.0","id":7,"result":0}'],
  ])("%s", (line, expected) => {
    const { data, binary } = jsonrpc.create().encode(line);
    expect({ data: data.toString(), binary }).toEqual({ data: expected, binary: false });
  });

  test.each([
    ["", "there is no method"],
    ["sum 1", "the parameters of JSON-RPC are an object or an array"],
    ["sum {a:1}", '"{a:1}" is not JSON'],
    ["{", '"{" is not JSON'],
  ])("no %j", (line, message) => {
    expect(() => jsonrpc.create().encode(line)).toThrow(
      expect.objectContaining({
        code: "WSCTL_EUSAGE",
        message,
        hint: 'write it like: sum {"a":1,"b":2}',
      }),
    );
  });

  test("ids that go on from those seen, and are answered", () => {
    const lens = jsonrpc.create();
    lens.see(text("out", '{"id":41,"method":"m"}'));
    lens.see(text("in", '{"id":99,"method":"theirs"}'));
    const sent = lens.encode("next");
    expect(sent.data.toString()).toContain('"id":42,');
    expect(lens.see({ ...sent, direction: "out", at: 0 })?.title).toBe("→ next #42");
    expect(lens.see(text("in", '{"id":42,"result":null}', 3))).toMatchObject({
      reply: { to: "next #42", elapsed: 3 },
      body: null,
    });
  });
});

test("programs get the whole message on one line, numbers as they were written", () => {
  const lines = linesOf(jsonrpc.create(), [
    '< {"jsonrpc":"2.0","id":12345678901234567890,"result":1.0}',
    '< {\r\n  "jsonrpc": "2.0",\n  "id": 1,\n  "error": {"code": -1, "message": "a\\nb"}\n}\n',
    '< [{"jsonrpc":"2.0","method":"tick"}]',
  ]);
  expect(lines).toEqual([
    '{"jsonrpc":"2.0","id":12345678901234567890,"result":1.0}',
    '{  "jsonrpc": "2.0",  "id": 1,  "error": {"code": -1, "message": "a\\nb"}}',
    '[{"jsonrpc":"2.0","method":"tick"}]',
  ]);
});

import { describe, expect, test } from "vitest";
import { graphql } from "../../src/lens/graphql.js";
import { conversation, facts, linesOf, text, titles } from "./seen.js";

test("follows a conversation of the protocol's document", () => {
  const lines = [
    '> {"type":"connection_init","payload":{"token":"x"}}',
    '< {"type":"connection_ack"}',
    '> {"id":"1","type":"subscribe","payload":{"operationName":"Hi","query":"subscription Hi { hi }"}}',
    '< {"id":"1","type":"next","payload":{"data":{"hi":"a"}}}',
    '< {"id":"1","type":"next","payload":{"data":{"hi":"b"}}}',
    '< {"id":"1","type":"complete"}',
    '> {"id":"2","type":"subscribe","payload":{"query":"{\\n  nope\\n}"}}',
    '< {"id":"2","type":"error","payload":[{"message":"Cannot query field"}]}',
    '> {"id":"3","type":"subscribe","payload":{"query":"{ a }"}}',
    '< {"id":"3","type":"next","payload":{"errors":[{"message":"boom"}],"data":null}}',
    '> {"id":"3","type":"complete"}',
    '< {"id":"3","type":"next","payload":{"data":{}}}',
    '< {"type":"ping"}',
    '> {"type":"pong"}',
    '< {"type":"pong"}',
  ];
  expect(titles(graphql.create(), lines)).toEqual([
    "→ connection_init",
    "← connection_ack (10.0 ms)",
    "→ subscribe #1 Hi",
    "← next #1 (10.0 ms)",
    "← next #1 (20.0 ms)",
    "← complete #1 (30.0 ms)",
    "→ subscribe #2 { nope }",
    "← error #2: Cannot query field (10.0 ms)",
    "→ subscribe #3 { a }",
    "← next #3 with 1 error: boom (10.0 ms)",
    "→ complete #3",
    "← next #3",
    "← ping",
    "→ pong (10.0 ms)",
    "← pong",
  ]);
});

test("says kind, body, what is answered and what is owed", () => {
  const views = conversation(graphql.create(), [
    '> {"id":"1","type":"subscribe","payload":{"query":"{ a }"}}',
    '< {"id":"1","type":"next","payload":{"data":{"a":1}}}',
    '< {"type":"ping","payload":{"n":1}}',
    '> {"type":"ping"}',
  ]);
  expect(views.map(facts)).toEqual([
    { title: "→ subscribe #1 { a }", kind: "request", body: { query: "{ a }" } },
    {
      title: "← next #1 (10.0 ms)",
      kind: "response",
      body: { data: { a: 1 } },
      reply: { to: "subscribe #1", elapsed: 10 },
    },
    {
      title: "← ping",
      kind: "control",
      body: { n: 1 },
      answer: { data: Buffer.from('{"type":"pong"}'), binary: false },
    },
    { title: "→ ping", kind: "control" },
  ]);
});

test.each([
  ['{"type":"next","payload":{}}', "broken next: it has no id"],
  ['{"id":1,"type":"complete"}', "broken complete: it has no id"],
  ['{"id":"1","type":"next","payload":[]}', "broken next #1: it has no result"],
  ['{"id":"1","type":"subscribe","payload":{"query":1}}', "broken subscribe #1: it has no query"],
  ['{"id":"1","type":"subscribe"}', "broken subscribe #1: it has no query"],
  ['{"type":"start","id":"1"}', "unknown message type start"],
  ['{"type":"\\u001b[2J"}', "unknown message type ␛[2J"],
  ['{"type":"toString"}', "unknown message type toString"],
])("names what is wrong with %s", (line, flaw) => {
  expect(graphql.create().see(text("in", line))).toMatchObject({
    title: `← ${flaw}`,
    kind: "error",
  });
});

test.each(["[]", "{}", '{"type":1}', "hello", "{"])("leaves %s alone", (line) => {
  expect(graphql.create().see(text("in", line))).toBeUndefined();
});

describe("writes", () => {
  const subscribed = (payload: object): object => ({ id: "1", type: "subscribe", payload });
  test.each<[string, object]>([
    ["subscribe { greetings }", subscribed({ query: "{ greetings }" })],
    ["{ a { b } }", subscribed({ query: "{ a { b } }" })],
    ['mutation M { say(x: "}{") }', subscribed({ query: 'mutation M { say(x: "}{") }' })],
    [
      'subscribe query Q($a: Int) { x(a: $a) } {"a": {"b": 1}}',
      subscribed({ query: "query Q($a: Int) { x(a: $a) }", variables: { a: { b: 1 } } }),
    ],
    ["{ a } # }{\n", subscribed({ query: "{ a } # }{" })],
    ['{ a(b: """ " } """) }', subscribed({ query: '{ a(b: """ " } """) }' })],
    [
      "fragment F on T { a } query { ...F }",
      subscribed({ query: "fragment F on T { a } query { ...F }" }),
    ],
    ["connection_init", { type: "connection_init" }],
    ['connection_init {"token":"x"}', { type: "connection_init", payload: { token: "x" } }],
    ["ping", { type: "ping" }],
    ["complete 4", { type: "complete", id: "4" }],
    ['{"type":"pong"}', { type: "pong" }],
  ])("%s", (line, expected) => {
    const sent = graphql.create().encode(line);
    expect(JSON.parse(sent.data.toString())).toEqual(expected);
    expect(sent.binary).toBe(false);
  });

  test.each(["", "hello", "subscribe", "subscribe x", "{ a", "{}", "complete", "ping 1", "query"])(
    "no %j",
    (line) => {
      expect(() => graphql.create().encode(line)).toThrow(
        expect.objectContaining({ code: "WSCTL_EUSAGE", hint: expect.stringMatching(/^write it/) }),
      );
    },
  );

  test("no query of ten megabytes", () => {
    const query = `{ a(b: """${"x".repeat(10_000_000)}""") }`;
    expect(() => graphql.create().encode(query)).toThrow("the query is too long");
  });

  test("ids that go on from those seen", () => {
    const lens = graphql.create();
    lens.see(text("out", '{"id":"7","type":"subscribe","payload":{"query":"{a}"}}'));
    lens.encode("{ a }");
    expect(lens.encode("{ a }").data.toString()).toContain('"id":"9"');
  });
});

test("programs get whole results, errors and ends, and nothing of what keeps the connection", () => {
  const next = '{"id":"1","type":"next","payload":{"data":{"n":1.0}}}';
  const complete = '{"id":"1","type":"complete"}';
  const lines = ["connection_ack", "ping", "pong"].map((type) => `< {"type":"${type}"}`);
  expect(linesOf(graphql.create(), [...lines, `< ${next}`, `< ${complete}`])).toEqual([
    null,
    null,
    null,
    next,
    complete,
  ]);
});

import { describe, expect, test } from "vitest";
import { socketio } from "../../src/lens/socketio.js";
import { binary, conversation, facts, lineOf, linesOf, text, titles } from "./seen.js";

test("follows a conversation", () => {
  const lines = [
    '< 0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    "> 40",
    '< 40{"sid":"wZX3oN0bSVIhsaknAAAI"}',
    '> 40/admin,{"token":"x"}',
    '< 44/admin,{"message":"Not authorized"}',
    '> 42["hello",1]',
    '> 4212["ask",{"a":1}]',
    '< 4312["done"]',
    '< 42/chat,["said","hi"]',
    '> 42/chat,0["ask"]',
    "< 43/chat,0[]",
    "< 2",
    "> 3",
    "> 2probe",
    "< 3probe",
    "> 5",
    "< 6",
    "< 41/chat,",
    "> 41",
    "> 1",
  ];
  expect(titles(socketio.create(), lines)).toEqual([
    "← open, a ping every 25.0 s",
    "→ connect",
    "← connected (10.0 ms)",
    "→ connect in /admin",
    "← connect refused in /admin: Not authorized (10.0 ms)",
    "→ hello",
    "→ ask #12",
    "← ack of ask #12 (10.0 ms)",
    "← said in /chat",
    "→ ask #0 in /chat",
    "← ack of ask #0 in /chat (10.0 ms)",
    "← ping",
    "→ pong (10.0 ms)",
    "→ ping probe",
    "← pong probe (10.0 ms)",
    "→ upgrade",
    "← noop",
    "← disconnect in /chat",
    "→ disconnect",
    "→ close",
  ]);
});

test("says kind, arguments, what is answered and what is owed", () => {
  const views = conversation(socketio.create(), [
    '> 421["ask",{"a":1},2]',
    '< 431["done"]',
    '< 42["news"]',
    "< 2",
  ]);
  expect(views.map(facts)).toEqual([
    { title: "→ ask #1", kind: "request", body: [{ a: 1 }, 2] },
    {
      title: "← ack of ask #1 (10.0 ms)",
      kind: "response",
      body: ["done"],
      reply: { to: "ask #1", elapsed: 10 },
    },
    { title: "← news", kind: "event", body: [] },
    { title: "← ping", kind: "control", answer: { data: Buffer.from("3"), binary: false } },
  ]);
});

describe("attachments", () => {
  const placeholder = (num: number): string => `{"_placeholder":true,"num":${num}}`;

  test("are joined with the packet that announced them", () => {
    const lens = socketio.create();
    const seen = [
      text("in", `452-/x,7["up",${placeholder(1)},{"f":${placeholder(0)}}]`),
      binary("in", Buffer.from([1, 2, 3])),
      text("in", "2"),
      binary("in", Buffer.from([4])),
    ].map((message) => lens.see(message));
    expect(seen.map((view) => view?.title)).toEqual([
      "← up #7 in /x, 2 attachments to come",
      "← attachment 1 of 2 of up #7 in /x, 3 B",
      "← ping",
      "← up #7 in /x with 2 attachments, the last 1 B",
    ]);
    expect(seen[3]?.body).toEqual([{ $binary: "BA==" }, { f: { $binary: "AQID" } }]);
  });

  test("of acknowledgements too, in both directions at once", () => {
    const lens = socketio.create();
    lens.see(text("out", `451-3["up",${placeholder(0)}]`, 0));
    lens.see(text("in", `451-["down",${placeholder(0)}]`, 1));
    expect(lens.see(binary("out", Buffer.from("a")))?.body).toEqual([{ $binary: "YQ==" }]);
    expect(lens.see(binary("in", Buffer.from("b")))?.body).toEqual([{ $binary: "Yg==" }]);
    expect(lens.see(text("in", `461-3[${placeholder(0)}]`, 5))).toMatchObject({
      title: "← ack of up #3, 1 attachment to come (5.00 ms)",
      kind: "response",
    });
    expect(lens.see(binary("in", Buffer.from("c")))?.body).toEqual([{ $binary: "Yw==" }]);
  });

  test("that nobody announced, or that never come, are named", () => {
    const lens = socketio.create();
    expect(lens.see(binary("in", Buffer.alloc(2048)))).toEqual({
      title: "← binary message of 2.00 KiB that no packet announced",
      kind: "error",
    });
    lens.see(text("in", `452-["up",${placeholder(0)}]`));
    expect(lens.see(text("in", `451-["next",${placeholder(0)}]`))).toMatchObject({
      title: "← next, 1 attachment to come; 2 attachments of up missing",
      kind: "error",
    });
    expect(lens.see(binary("in", Buffer.from("c")))?.body).toEqual([{ $binary: "Yw==" }]);
  });

  test("by the billion cost nothing, and one is not copied a thousand times", () => {
    const lens = socketio.create();
    expect(lens.see(text("in", '45999999999-["up"]'))?.title).toContain("999999999 attachments");
    expect(lens.see(binary("in", Buffer.alloc(8)))?.title).toContain("1 of 999999999 of up");
    const many = Array.from({ length: 1000 }, () => placeholder(0)).join(",");
    lens.see(text("out", `451-["up",${many}]`));
    const view = lens.see(binary("out", Buffer.alloc(100_000)));
    expect(JSON.stringify(view?.body).length).toBeLessThan(200_000);
  });

  test("larger than 16 MiB together are counted and not joined", () => {
    const lens = socketio.create();
    lens.see(text("in", `453-["up",${placeholder(0)}]`));
    const part = Buffer.alloc(9 * 1024 * 1024);
    for (let count = 0; count < 2; count++) lens.see(binary("in", part));
    const view = lens.see(binary("in", Buffer.alloc(1)));
    expect(facts(view)).toEqual({ title: "← up with 3 attachments, the last 1 B", kind: "event" });
  });

  test("odd placeholders stay as they are", () => {
    const lens = socketio.create();
    const odd = '{"_placeholder":true,"num":-1},{"_placeholder":true,"num":"0"},{"num":0}';
    lens.see(text("in", `451-["up",${odd},{"__proto__":${placeholder(0)}}]`));
    const body = lens.see(binary("in", Buffer.from("a")))?.body;
    expect(JSON.stringify(body)).toBe(`[${odd},{"__proto__":{"$binary":"YQ=="}}]`);
  });
});

test.each([
  ["4", "broken Socket.IO packet: no such packet type"],
  ["49", "broken Socket.IO packet: no such packet type"],
  ['45["a"]', "broken Socket.IO packet: no number of attachments"],
  ['451["a"]', "broken Socket.IO packet: no number of attachments"],
  [`45${"9".repeat(400)}-["a"]`, "broken Socket.IO packet: too many attachments"],
  [`42${"9".repeat(400)}["a"]`, "broken Socket.IO packet: an id beyond all numbers"],
  ["42[", "broken Socket.IO packet: its data is not JSON"],
  [`42["a",${"[".repeat(600)}${"]".repeat(600)}]`, "broken Socket.IO packet: its data is not JSON"],
  ["42", "broken event: its data is no array"],
  ['42{"0":"a"}', "broken event: its data is no array"],
  ["42[]", "broken event: it has no name"],
  ["42[{}]", "broken event: it has no name"],
  ["43[]", "broken ack: it has no id"],
])("names what is wrong with %s", (line, flaw) => {
  const view = socketio.create().see(text("in", line));
  expect(view).toMatchObject({ title: `← ${flaw}`, kind: "error" });
});

test.each(["", "7", "hello", "[]"])("leaves %j alone", (line) => {
  expect(socketio.create().see(text("in", line))).toBeUndefined();
});

describe("writes", () => {
  test.each([
    ['chat {"a": 1} "x" 2 [3]', '42["chat",{"a": 1},"x",2,[3]]'],
    ["chat", '42["chat"]'],
    ["chat? 1", '420["chat",1]'],
    ['"my event" true', '42["my event",true]'],
    ['"my event"? null', '420["my event",null]'],
    ['"what?" 1', '42["what?",1]'],
    ["/", "40"],
    ['/ {"token":"x"}', '40{"token":"x"}'],
    ["/admin", "40/admin,"],
    ['/admin {"token":"x"}', '40/admin,{"token":"x"}'],
    ["/admin kick? 7", '42/admin,0["kick",7]'],
    ["/ chat 1", '42["chat",1]'],
    ['chat {"a":"} {"}{"b":1}', '42["chat",{"a":"} {"},{"b":1}]'],
  ])("%s", (line, expected) => {
    const sent = socketio.create().encode(line);
    expect({ ...sent, data: sent.data.toString() }).toEqual({ data: expected, binary: false });
  });

  test.each(["", "chat hello", 'chat {"a":', "{}", "[1]", '""', '"open', "/a,b", "/ {a}", "?"])(
    "no %j",
    (line) => {
      expect(() => socketio.create().encode(line)).toThrow(
        expect.objectContaining({ code: "WSCTL_EUSAGE", hint: expect.stringMatching(/^write it/) }),
      );
    },
  );

  test("acknowledgement ids that go on from those seen, and are answered", () => {
    const lens = socketio.create();
    lens.see(text("out", '427["a"]'));
    lens.see(text("in", '4299["theirs"]'));
    const sent = lens.encode("b? 1");
    expect(lens.see({ ...sent, direction: "out", at: 0 })?.title).toBe("→ b #8");
    expect(lens.see(text("in", "438[1]", 2))?.reply).toEqual({ to: "b #8", elapsed: 2 });
  });
});

describe("for programs", () => {
  test("an event is its name and arguments, an answer names the question; the protocol is nothing", () => {
    const lines = linesOf(socketio.create(), [
      '< 0{"sid":"x","pingInterval":25000}',
      "> 40",
      '< 40{"sid":"y"}',
      "< 2",
      '< 42["msg",{"a":1,"n":12345678901234567890}]',
      '> 423["ask",1]',
      '< 433[ "done",\n 1.0]',
      '< 42/admin,7["sure?"]',
      "< 41",
    ]);
    expect(lines).toEqual([
      null,
      null,
      null,
      null,
      '["msg",{"a":1,"n":12345678901234567890}]',
      '["ask",1]',
      '{"ack":3,"args":[ "done", 1.0]}',
      '["sure?"]',
      null,
    ]);
  });

  test("attachments come with their event, once it is whole", () => {
    const lens = socketio.create();
    const packet = '452-["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';
    const parts = [Buffer.of(1, 2, 3), Buffer.of(4)].map((part) => binary("in", part));
    const seen = [text("in", packet), ...parts].map((message) => lineOf(lens.see(message)));
    expect(seen).toEqual([null, null, '["file",{"$binary":"AQID"},{"$binary":"BA=="}]']);
    lens.see(text("out", '425["up"]'));
    lens.see(text("in", '461-5[{"_placeholder":true,"num":0}]'));
    expect(lineOf(lens.see(binary("in", Buffer.of(9))))).toBe(
      '{"ack":5,"args":[{"$binary":"CQ=="}]}',
    );
  });

  test("what cannot be read has no line of its own", () => {
    expect(linesOf(socketio.create(), ["< 42{", "< 42[{}]", "< 43[1]"])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(lineOf(socketio.create().see(binary("in", Buffer.of(1))))).toBeUndefined();
  });
});

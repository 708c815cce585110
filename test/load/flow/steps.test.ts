/** Shows what each step does, against servers that are not ours. */
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../../src/message/json.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { until } from "../pair.js";
import {
  byId,
  byOrder,
  expecting,
  json,
  play,
  scenario,
  send,
  text,
  uncorrelated,
  type Outcome,
} from "./stage.js";

const think = (ms: number): PlanStep => ({ name: "think", kind: "think", for: [ms, ms] });

const wait = (
  match: Parameters<typeof expecting>[0],
  more: Parameters<typeof expecting>[1] = {},
  optional = false,
): PlanStep => ({ name: "wait", kind: "wait", expect: expecting(match, more), optional });

const loop = (
  flow: readonly PlanStep[],
  more: Partial<Extract<PlanStep, { kind: "loop" }>> = {},
): PlanStep => ({
  name: "loop",
  kind: "loop",
  count: undefined,
  over: undefined,
  while: undefined,
  flow,
  ...more,
});

const expectations = ({ finished }: Outcome) =>
  finished.flow!.expectations.map(({ step, passed, failed, example }) => [
    step,
    passed,
    failed,
    example,
  ]);

/** An echo server, and everything it was told. */
async function listening() {
  const server = await startWsEcho();
  const said: string[] = [];
  server.wss.on("connection", (socket) => {
    socket.on("message", (data) => said.push((data as Buffer).toString()));
  });
  return { server, said };
}

describe("send", () => {
  test("with an expectation waits for the reply, and counts whether it was the one", async () => {
    await using server = await startWsEcho();
    const outcome = await play({
      url: server.url,
      users: 3,
      flow: [
        send(json({ id: "{{ $seq }}", op: "x" }), expecting({ json: "$.op", equals: "x" }), "good"),
        send(json({ id: "{{ $seq }}", op: "y" }), expecting({ json: "$.op", equals: "x" }), "bad"),
      ],
      correlate: byId,
    });
    expect(outcome.totals).toMatchObject({
      ws_sessions: 3,
      ws_msgs_sent: 6,
      ws_msg_expected: 6,
      ws_msg_answered: 6,
      "checks{result:pass}": 3,
      "checks{result:fail}": 3,
      "ws_expect_failed{scenario:main,step:bad}": 3,
      "ws_close{by:client,code:1000}": 3,
    });
    expect(outcome.finished.flow!.users).toEqual({ begun: 3, completed: 3, lost: 0, dropped: 0 });
    expect(expectations(outcome)).toEqual([
      ["good", 3, 0, undefined],
      [
        "bad",
        0,
        3,
        expect.stringMatching(/^\$\.op is "y", not "x"; the message: \{"id":\d,"op":"y"\}$/),
      ],
    ]);
    expect(outcome.finished.errors).toEqual([]);
  });

  test("without a correlation expects the next message that matches", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.send("welcome"));
    const outcome = await play({
      url: server.url,
      flow: [
        send(text("hello"), expecting({ text: "hello" })),
        send(text("x"), expecting({ text: "y" }, { within: 40 }), "never"),
      ],
      correlate: uncorrelated,
    });
    expect(expectations(outcome)).toEqual([
      ["send", 1, 0, undefined],
      ["never", 0, 1, expect.stringMatching(/^no message matched within 40 ms; .*"x"/)],
    ]);
    expect(outcome.totals["ws_msg_expected"]).toBeUndefined();
  });

  test("of every kind says what it was told to, in as many frames as it was told to", async () => {
    const { server, said } = await listening();
    const bytes = {
      kind: "bytes",
      base64: Buffer.from("\u0001\u0002").toString("base64"),
    } as const;
    const { totals } = await play({
      url: server.url,
      flow: [
        send(text("seq {{ $seq }} of {{ $index }} in {{ room }}", { fragments: 3 })),
        send(json({ room: "{{ room }}", n: "{{ $seq }}" }, { fragments: 2 })),
        send({ opcode: 2, payload: bytes, fragments: 1, reply: false }),
        send(text("fixed", { fragments: 5 }), expecting({ text: "fixed" })),
      ],
      plan: { variables: { room: "lobby" } },
    });
    expect(said).toEqual([
      "seq 1 of 0 in lobby",
      '{"room":"lobby","n":2}',
      "\u0001\u0002",
      "fixed",
    ]);
    expect(totals).toMatchObject({ ws_msgs_sent: 4, ws_msg_expected: 3 });
    await server.close();
  });

  test("counts sequences on, past the width of what was patched before", async () => {
    const { server, said } = await listening();
    await play({
      url: server.url,
      users: 2,
      flow: [
        loop([send(text("{{ $index }}:{{ $seq }}"), expecting({ contains: ":" }))], { count: 12 }),
      ],
    });
    for (const index of [0, 1]) {
      const own = said.filter((each) => each.startsWith(`${index}:`));
      expect(own).toEqual(Array.from({ length: 12 }, (_, i) => `${index}:${i + 1}`));
    }
    await server.close();
  });
});

describe("wait", () => {
  test("passes over what does not match; not coming ends the round", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      for (const each of ["a", "b", '{"op":"done","token":7}']) socket.send(each);
    });
    const outcome = await play({
      url: server.url,
      flow: [
        wait({ json: "$.op", equals: "done" }, { captures: [{ json: "$.token", as: "token" }] }),
        wait({ text: "never" }, { within: 20 }, true),
        send(text("{{ token }}"), expecting({ text: "7" })),
        wait({ text: "never" }, { within: 20 }),
        send(text("unreached"), undefined, "unreached"),
      ],
      plan: {},
    });
    expect(expectations(outcome).map(([, passed, failed]) => [passed, failed])).toEqual([
      [1, 0],
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
    expect(outcome.totals["ws_msgs_sent"]).toBe(1);
  });
});

describe("capture and set", () => {
  test("give names values that later messages hold, and conditions ask for", async () => {
    const { server, said } = await listening();
    await play({
      url: server.url,
      flow: [
        { name: "s", kind: "set", variables: { n: 0, who: "user-{{ $index }}" } },
        send(json({ who: "{{ who }}" }), expecting({ json: "$.who" })),
        { name: "c", kind: "capture", captures: [{ json: "$.who", as: "echoed" }] },
        loop(
          [
            send(text("{{ n }} {{ echoed }}"), expecting({ contains: "user" })),
            { name: "s2", kind: "set", variables: { n: "{{ $seq }}" } },
          ],
          { while: { variable: "n", operator: "lt", operand: 4 } },
        ),
      ],
    });
    expect(said).toEqual(['{"who":"user-0"}', "0 user-0", "2 user-0", "3 user-0"]);
    await server.close();
  });

  test("a name without a value yet is an error with an example, and ends the round", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play({
      url: server.url,
      flow: [
        send(text("first")),
        send(text("{{ token }}"), undefined, "needs a token"),
        { name: "c", kind: "capture", captures: [{ json: "$.t", as: "token" }] },
      ],
    });
    expect(totals["ws_msgs_sent"]).toBe(1);
    expect(finished.errors).toMatchObject([
      { what: "step failed: main needs a token", count: 1, example: "token has no value yet" },
    ]);
  });
});

describe("every", () => {
  test("sends exactly what its schedule has, whatever the phase", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play({
      url: server.url,
      users: 5,
      flow: [
        {
          name: "e",
          kind: "every",
          rate: 50,
          for: 400,
          messages: [text("a"), text("b {{ $seq }}")],
          expect: expecting({ matches: "^[ab]" }),
        },
      ],
    });
    expect(totals).toMatchObject({ ws_msgs_sent: 100, ws_msg_answered: 100 });
    expect(totals["checks{result:pass}"]).toBe(100);
    expect(finished.schedule).toEqual({ due: 100, sent: 100 });
  });

  test("is cut short by the end of its user's time, and what was due by then is sent", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play({
      url: server.url,
      users: 4,
      duration: 800,
      flow: [
        {
          name: "e",
          kind: "every",
          rate: 100,
          for: 60_000,
          messages: [text("a")],
          expect: undefined,
        },
      ],
    });
    const sent = totals["ws_msgs_sent"]!;
    expect(finished.schedule).toEqual({ due: sent, sent });
    expect(sent).toBeGreaterThan(160);
    expect(sent).toBeLessThanOrEqual(320);
    expect(totals["ws_msg_answered"]).toBe(sent);
  });

  test("holds replies that come too late against its expectation", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => setTimeout(() => socket.send(data, { binary: false }), 60));
    });
    const outcome = await play({
      url: server.url,
      flow: [
        {
          name: "e",
          kind: "every",
          rate: 100,
          for: 50,
          messages: [text("a")],
          expect: expecting({ text: "a" }, { within: 10 }),
        },
        think(100),
      ],
    });
    expect(expectations(outcome)).toEqual([
      ["e", 0, 5, expect.stringMatching(/^the reply took \d+ ms$/)],
    ]);
    expect(outcome.totals["ws_msg_answered"]).toBe(5);
  });
});

describe("a closed loop", () => {
  test.each([
    ["by order", byOrder, text("x")],
    ["by id", byId, json({ id: "{{ $uuid }}" })],
    ["without correlation", uncorrelated, text("x", { reply: false })],
  ])("%s keeps so many unanswered", async (_what, correlate, message) => {
    await using server = await startWsEcho();
    let most = 0;
    server.wss.on("connection", (socket) => {
      let open = 0;
      socket.removeAllListeners("message");
      socket.on("message", (data) => {
        most = Math.max(most, ++open);
        setTimeout(() => {
          open--;
          socket.send(data, { binary: false });
        }, 2);
      });
    });
    const { totals, finished } = await play({
      url: server.url,
      flow: [
        { name: "f", kind: "flood", for: 400, inFlight: 4, messages: [message], expect: undefined },
        think(20),
      ],
      correlate,
    });
    expect(most).toBe(4);
    expect(totals["ws_msgs_received"]).toBe(totals["ws_msgs_sent"]);
    expect(totals["ws_msgs_sent"]).toBeGreaterThan(20);
    expect(finished.flow!.users.completed).toBe(1);
  });
});

describe("ping", () => {
  test("waits for its pong; one that does not come is a failed expectation", async () => {
    await using server = await startWsEcho({ ws: { autoPong: false } });
    server.wss.on("connection", (socket) => {
      socket.on("ping", (data) => {
        if (data.toString().startsWith("answer me ")) socket.pong(data);
      });
    });
    const ping = (name: string, payload: string): PlanStep => ({
      name,
      kind: "ping",
      payload,
      within: 500,
    });
    const outcome = await play({
      url: server.url,
      flow: [ping("p", "answer me"), ping("q", "no")],
    });
    expect(expectations(outcome)).toEqual([
      ["p", 1, 0, undefined],
      ["q", 0, 1, "no pong within 500 ms"],
    ]);
  });
});

describe("close and reconnect", () => {
  test("close says its code and reason, and is the end of the user", async () => {
    await using server = await startWsEcho();
    const ends: string[] = [];
    server.wss.on("connection", (socket) => {
      socket.on("close", (code, reason) => ends.push(`${code} ${reason.toString()}`));
    });
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      scenarios: [
        scenario([{ name: "c", kind: "close", code: 4001, reason: "enough" }], {
          repeat: "same-socket",
        }),
      ],
    });
    await until(() => ends.length === 2);
    expect(ends).toEqual(["4001 enough", "4001 enough"]);
    expect(totals["ws_close{by:client,code:4001}"]).toBe(2);
    expect(finished.flow!.users.completed).toBe(2);
  });

  test("reconnect opens again and goes on behind it", async () => {
    const { server, said } = await listening();
    const { totals } = await play({
      url: server.url,
      flow: [
        send(text("one {{ $seq }}"), expecting({ contains: "one" })),
        { name: "r", kind: "reconnect" },
        send(text("two {{ $seq }}"), expecting({ contains: "two" })),
      ],
    });
    expect(said).toEqual(["one 1", "two 2"]);
    expect(totals).toMatchObject({ ws_sessions: 2, "ws_close{by:client,code:1000}": 2 });
    expect(totals["ws_reconnects"]).toBeUndefined();
    await server.close();
  });
});

describe("loops and choices", () => {
  test("nest, and end with whichever limit comes first", async () => {
    const { server, said } = await listening();
    await play({
      url: server.url,
      flow: [
        loop([loop([send(text("in"))], { count: 2 }), send(text("out"))], { count: 3 }),
        loop([send(text("t")), think(5)], { over: 500, count: 1000 }),
        loop([send(text("never"))], { count: 0 }),
      ],
    });
    expect(said.slice(0, 9)).toEqual(["in", "in", "out", "in", "in", "out", "in", "in", "out"]);
    const rest = said.slice(9);
    expect(rest.length).toBeGreaterThan(1);
    expect(new Set(rest)).toEqual(new Set(["t"]));
    await server.close();
  });

  test("one that takes no time and sends nothing does not spin", async () => {
    await using server = await startWsEcho();
    const before = process.cpuUsage().user;
    const { finished } = await play({
      url: server.url,
      flow: [loop([{ name: "s", kind: "set", variables: { n: 1 } }], { over: 250 })],
    });
    expect(finished.trafficFor).toBeGreaterThanOrEqual(240);
    expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
  });

  test("a choice is drawn by weight, and the same seed draws the same", async () => {
    const draw = async (): Promise<string> => {
      const { server, said } = await listening();
      const option = (word: string, weight: number) => ({ weight, flow: [send(text(word))] });
      await play({
        url: server.url,
        flow: [
          loop(
            [
              {
                name: "c",
                kind: "choose",
                options: [option("a", 3), option("b", 1), option("n", 0)],
              },
            ],
            { count: 200 },
          ),
        ],
      });
      await server.close();
      return said.join("");
    };
    const first = await draw();
    expect(first).toHaveLength(200);
    expect(first).not.toContain("n");
    expect(first.replaceAll("a", "").length).toBeGreaterThan(20);
    expect(first.replaceAll("a", "").length).toBeLessThan(90);
    expect(await draw()).toBe(first);
  });
});

describe("log", () => {
  test("says a harmless line, and not too many of them", async () => {
    await using server = await startWsEcho();
    const lines: string[] = [];
    await play(
      {
        url: server.url,
        flow: [
          loop([{ name: "l", kind: "log", template: "n\u001b[31m {{ $index }}" }], { count: 300 }),
        ],
      },
      { log: (line) => lines.push(line) },
    );
    expect(lines).toHaveLength(101);
    expect(lines[100]).toBe("200 lines more left out");
    expect(lines[0]).toBe("main 0: n␛[31m 0");
  });
});

describe("the end of a flow", () => {
  test.each([
    ["same-socket", 1],
    ["reconnect", 2],
  ] as const)("repeat %s", async (repeat, least) => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      duration: 600,
      scenarios: [scenario([send(text("x"), expecting({ text: "x" })), think(20)], { repeat })],
    });
    expect(totals["ws_msg_answered"]).toBeGreaterThan(2);
    const sessions = totals["ws_sessions"]!;
    if (repeat === "same-socket") expect(sessions).toBe(least);
    else expect(sessions).toBeGreaterThanOrEqual(least);
  });

  test("a round that fails is followed by a pause", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      duration: 350,
      scenarios: [
        scenario([send(text("x")), wait({ text: "never" }, { within: 1 })], {
          repeat: "same-socket",
        }),
      ],
    });
    expect(totals["ws_msgs_sent"]).toBeGreaterThanOrEqual(2);
    expect(totals["ws_msgs_sent"]).toBeLessThanOrEqual(4);
  });

  test("an empty flow does not spin", async () => {
    await using server = await startWsEcho();
    const { finished } = await play({
      url: server.url,
      duration: 150,
      scenarios: [scenario([], { repeat: "same-socket" })],
    });
    expect(finished.flow!.users.completed).toBe(1);
  });
});

describe("what a request is known by", () => {
  test.each<[string, JsonValue]>([
    ["the sequence", { id: "{{ $seq }}" }],
    ["a random id", { id: "{{ $uuid }}" }],
    ["a random id among others", { id: "{{ $uuid }}", trace: "{{ $uuid }}" }],
    ["random text and a number that grows", { id: "{{ $randomString(8) }}", n: "{{ $seq }}" }],
    ["text around holes", { id: "u{{ $index }}-{{ $seq }}-{{ room }}" }],
    ["a captured value and a sequence", { id: "{{ got }}:{{ $seq }}" }],
    ["random text around", { id: "r{{ $randomInt(1,9) }}-{{ $uuid }}" }],
    ["an object", { id: { user: "{{ $index }}", n: "{{ $seq }}" } }],
    ["what cannot be patched", { id: "{{ $seq }}", pick: '{{ $pick("a", "bcd") }}' }],
  ])("%s", async (_what, template) => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      users: 3,
      flow: [
        send(
          json({ id: "first {{ $index }}", give: "x{{ $index }}" }),
          expecting({ json: "$.give" }, { captures: [{ json: "$.give", as: "got" }] }),
        ),
        loop([send(json(template))], { count: 12 }),
      ],
      correlate: byId,
      plan: { variables: { room: 'a "quoted" room' } },
    });
    expect(totals).toMatchObject({ ws_msg_expected: 39, ws_msg_answered: 39 });
    expect(totals["ws_msg_unmatched"]).toBeUndefined();
  });

  test("the same for every message: the first reply is for the first", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      flow: [loop([send(json({ id: 1 }))], { count: 5 })],
      correlate: byId,
    });
    expect(totals).toMatchObject({ ws_msg_expected: 5, ws_msg_answered: 5 });
  });

  test("nothing: then no reply is expected", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      flow: [send(json({ op: "x" }), undefined)],
      correlate: byId,
    });
    expect(totals["ws_msg_expected"]).toBeUndefined();
  });
});

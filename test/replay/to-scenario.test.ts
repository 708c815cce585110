/** Shows what recordings become as load scenarios: what is kept, varied, captured, expected and left out. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { into, out, serverCloses, upgrade } from "./mock-rig.js";
import { made, scenarioOf, startedAt, talksFrom } from "./to-scenario-rig.js";

const uuid = "0b9f6c1e-5c1d-4e0a-9d53-4f6d1a2b3c4d";
const now = Date.parse(startedAt);

describe("steps", () => {
  test("sends, pauses as they were, answers by what stays the same", async () => {
    const { flow, config, text } = await made([
      upgrade("/", "", { t: 5 }),
      out({ op: "join", room: "lobby" }, { t: 10 }),
      into({ op: "joined", seq: 4 }, { t: 22 }),
      out({ op: "say", text: "hi" }, { t: 1522 }),
      into({ op: "said", text: "hi" }, { t: 1530 }),
    ]);
    expect(flow).toEqual([
      {
        name: "join",
        send: { json: { op: "join", room: "lobby" } },
        expect: { json: "$.op", equals: "joined", within: "5s" },
      },
      { think: "1.5s" },
      {
        name: "say",
        send: { json: { op: "say", text: "hi" } },
        expect: { json: "$.op", equals: "said", within: "5s" },
      },
    ]);
    expect(config).toMatchObject({
      target: "ws://127.0.0.1:8080/",
      load: { connections: 10, duration: "1m" },
      thresholds: { checks: ["rate>99%"] },
    });
    expect(text).toContain("# answered after 12 ms: $.op says what it is");
  });

  test("one reply to each send is correlated by order, but for a farewell", async () => {
    const lines = [
      upgrade("/", "", { t: 5 }),
      into("welcome", { t: 9 }),
      out("one", { t: 10 }),
      into("1", { t: 22 }),
      out("two", { t: 40 }),
      // So late that it is no answer by what it says.
      into("2", { t: 9000 }),
      out("bye", { t: 9010 }),
    ];
    const { config, flow, text } = await made(lines);
    // Four times as long as the slowest took.
    expect(config.correlate).toEqual({ by: "order", timeout: "36s" });
    expect(text).toContain("# One message came for each that was sent, and nothing else");
    const sends = flow.flatMap(({ send }) => (send === undefined ? [] : [send]));
    expect(sends).toEqual([{ text: "one" }, { text: "two" }, { text: "bye", reply: false }]);
  });

  test.each([
    [
      "a message that nobody asked for",
      [out("a"), into("b"), into("c")],
      /more than one message came/,
    ],
    ["sends without an answer", [out("a"), out("b"), into("c")], /not every send was answered/],
    [
      "a late greeting",
      [into("b", { t: 5000 }), out("a", { t: 5010 }), into("c", { t: 5020 })],
      /before anything was sent/,
    ],
    ["no answer at all", [out("a")], /nothing was answered/],
    ["a feed", [into("a"), into("b")], /nothing was sent/],
    ["a gap", [out("a"), into("b"), { k: "gap", why: "disk", missed: 1 }], /messages are missing/],
    ["an uncounted gap", [out("a"), into("b"), { k: "gap", why: "broken" }], /are missing/],
    ["frames unseen", [{ k: "gap", why: "frames unseen" }, out("a"), into("b")], /are missing/],
    [
      "a push that comes long after",
      [out({ op: "typing" }), into({ op: "left", from: "bob" }, { t: 9000 })],
      /may not answer it/,
    ],
    ["an hour's silence", [out("a"), into("b", { t: 3_600_000 })], /may not answer it/],
    [
      "a push in the place of a reply",
      [
        out({ op: "join", room: "tea" }),
        into({ op: "joined" }),
        out({ op: "join", room: "milk" }),
        into({ op: "left" }),
      ],
      /nothing that answers it/,
    ],
    [
      "a push that came unasked as well",
      [into({ op: "news" }), out({ op: "typing" }), into({ op: "news" })],
      /nothing that answers it/,
    ],
  ])("why round trips are not measured is said: %s", async (_what, lines, why) => {
    const { config, text } = await made([upgrade(), ...lines]);
    expect(config.correlate).toEqual({ by: "none" });
    expect(text.replace(/\n *# /g, " ")).toMatch(why);
  });

  test("a reconnect that lost nothing leaves nothing missing", async () => {
    const { config } = await made([upgrade(), out("a"), into("b"), { k: "gap", why: "reconnect" }]);
    expect(config.correlate).toEqual({ by: "order", timeout: "10s" });
  });

  test("whichever recording comes first, round trips are measured or not", async () => {
    const answered = [upgrade(), out("a"), into("1"), out("bye"), into("ok")];
    const talks = [
      ...(await talksFrom(answered, { name: "one" })),
      ...(await talksFrom(answered.slice(0, -1), { name: "two" })),
    ];
    const lone = [
      ...(await talksFrom([upgrade(), out("a"), into("1")], { name: "one" })),
      ...(await talksFrom([upgrade(), out("a"), into("1"), into("2")], { name: "two" })),
    ];
    for (const order of [talks, talks.toReversed()]) {
      const { config, flow } = await scenarioOf(order);
      expect(config.correlate).toEqual({ by: "order", timeout: "10s" });
      expect(flow.flatMap(({ send }) => send ?? [])).toEqual([
        { text: "a" },
        { text: "bye", reply: false },
      ]);
    }
    for (const order of [lone, lone.toReversed()]) {
      const { config, text } = await scenarioOf(order);
      expect(config.correlate).toEqual({ by: "none" });
      expect(text.replace(/\n *# /g, " ")).toContain("in two more than one message came");
    }
  });

  test("long pauses are cut, short ones left out", async () => {
    const { flow, text } = await made(
      [upgrade(), out("a", { t: 20 }), out("b", { t: 25 }), out("c", { t: 60_025 })],
      { idleCap: 2000 },
    );
    expect(flow).toEqual([
      { send: { text: "a" } },
      { send: { text: "b" } },
      { think: "2s" },
      { send: { text: "c" } },
    ]);
    expect(text).toContain("60s as recorded: cut by --idle-cap");
  });

  test("the answer is what has most in common with what was sent, not what comes first", async () => {
    const { flow } = await made([
      upgrade(),
      out({ op: "say", text: "good morning" }),
      into({ op: "joined", from: "bob" }),
      into({ op: "said", text: "good morning" }),
    ]);
    expect(flow[0]).toMatchObject({ expect: { json: "$.op", equals: "said" } });
  });

  test("what comes much later and has nothing in common is no answer", async () => {
    const { flow } = await made([
      upgrade(),
      out({ op: "typing" }, { t: 10 }),
      into({ op: "left", from: "bob" }, { t: 9000 }),
    ]);
    expect(flow).toEqual([{ name: "typing", send: { json: { op: "typing" } } }, { listen: "9s" }]);
  });

  test("a greeting is waited for; a feed is listened to", async () => {
    const ticks = Array.from({ length: 30 }, (_, n) =>
      into({ type: "tick", n }, { t: 200 + n * 100 }),
    );
    const { flow } = await made([
      upgrade("/", "", { t: 0 }),
      into({ type: "welcome" }, { t: 50 }),
      out({ type: "subscribe" }, { t: 100 }),
      into({ type: "subscribed" }, { t: 110 }),
      ...ticks,
    ]);
    expect(flow).toEqual([
      { wait: { json: "$.type", equals: "welcome", within: "5s" } },
      { think: "50ms" },
      {
        name: "subscribe",
        send: { json: { type: "subscribe" } },
        expect: { json: "$.type", equals: "subscribed", within: "5s" },
      },
      { listen: "3s" },
    ]);
  });

  test("what is done again and again becomes a loop", async () => {
    const lines = Array.from({ length: 20 }, (_, n) => [
      out("poll", { t: 100 + n * 1000 }),
      into("none", { t: 110 + n * 1000 }),
    ]).flat();
    const { flow } = await made([upgrade("/", "", { t: 100 }), ...lines]);
    expect(flow).toEqual([
      {
        loop: {
          count: 19,
          flow: [
            { send: { text: "poll" }, expect: { text: "none", within: "5s" } },
            { think: "990ms" },
          ],
        },
      },
      { send: { text: "poll" }, expect: { text: "none", within: "5s" } },
    ]);
  });

  test("heartbeats are answered beside the flow", async () => {
    const beat = [into("2"), out("3")];
    const { flow, config } = await made([
      upgrade(),
      out("hello"),
      into("hello"),
      ...beat,
      ...beat,
      ...beat,
    ]);
    expect(config.heartbeat).toEqual({ autoReply: [{ match: { text: "2" }, send: "3" }] });
    expect(flow).toEqual([{ send: { text: "hello" }, expect: { text: "hello", within: "5s" } }]);
  });

  test("how it ended: the client's own code is sent, the server's is told", async () => {
    const close = { k: "close", by: "client", code: 4002, reason: "bye" };
    const own = await made([upgrade(), out("a"), into("a"), close]);
    expect(own.flow.at(-1)).toEqual({ close: { code: 4002, reason: "bye" } });
    const theirs = await made([upgrade(), out("a"), into("a"), serverCloses(4003, "no\u001b[2J")]);
    expect(theirs.flow).toHaveLength(1);
    const telling = await made([
      upgrade(),
      out("a"),
      into("a"),
      serverCloses(4003, "token=x9Qz81kLm3Vb"),
    ]);
    expect(telling.text).not.toContain("x9Qz81");
    expect(theirs.text).toContain("here the server closed: 4003, “no␛[2J”");
  });

  test("a flow that never waits is made to", async () => {
    const { flow } = await made([upgrade("/", "", { t: 10 }), out("a", { t: 10 })]);
    expect(flow.at(-1)).toEqual({ think: "1s" });
  });
});

describe("values", () => {
  test("what was received and sent later is captured and put into its place", async () => {
    const { flow } = await made([
      upgrade(),
      out({ op: "login" }),
      into({ op: "ok", user: { ticket: "f81d4fae7dec" }, n: 123_456 }),
      out({ op: "resume", with: "Ticket f81d4fae7dec", n: 123_456 }),
      into({ op: "ok" }),
    ]);
    expect(flow[0]).toMatchObject({
      capture: expect.arrayContaining([
        { json: "$.user.ticket", as: "ticket" },
        { json: "$.n", as: "n" },
      ]) as unknown,
    });
    expect(flow[1]).toMatchObject({
      send: { json: { op: "resume", with: "Ticket {{ ticket }}", n: "{{ n }}" } },
    });
  });

  test("a value that came with a push is waited for, in the order of the recording", async () => {
    const { flow } = await made([
      upgrade(),
      out({ op: "start", task: "compile everything" }),
      into({ op: "progress", job: "job-778899" }),
      into({ op: "started", task: "compile everything" }),
      out({ op: "cancel", job: "job-778899" }),
      into({ op: "cancelled", job: "job-778899" }),
    ]);
    expect(flow.slice(0, 3)).toEqual([
      { name: "start", send: { json: { op: "start", task: "compile everything" } } },
      {
        wait: {
          json: "$.op",
          equals: "progress",
          within: "5s",
          capture: { json: "$.job", as: "job" },
        },
      },
      { wait: { json: "$.op", equals: "started", within: "5s" } },
    ]);
  });

  test("ids, times and counters of the client are made anew", async () => {
    const { flow } = await made([
      upgrade(),
      out({ op: "a", uuid, at: now + 50, seq: 1, nonce: "a8f3k2m9x1" }),
      out({ op: "b", at: String(now + 60), seq: 2, code: "en-GB" }),
      out({ op: "c", seq: 3, iso: "2026-01-01T00:00:00.000Z" }),
    ]);
    expect(flow.filter(({ send }) => send).map(({ send }) => send)).toEqual([
      {
        json: {
          op: "a",
          uuid: "{{ $uuid }}",
          at: "{{ $now }}",
          seq: "{{ $seq }}",
          nonce: "{{ $randomString(10) }}",
        },
      },
      { json: { op: "b", at: '{{ "" }}{{ $now }}', seq: "{{ $seq }}", code: "en-GB" } },
      { json: { op: "c", seq: "{{ $seq }}", iso: "2026-01-01T00:00:00.000Z" } },
    ]);
  });

  test("what the client made once and said several times is made once", async () => {
    const { flow } = await made([
      upgrade(),
      out({ op: "open", channel: uuid }),
      out({ op: "close", channel: uuid }),
    ]);
    expect(flow[0]).toEqual({ set: { my_channel: "{{ $uuid }}" } });
    expect(flow[1]).toMatchObject({ send: { json: { channel: "{{ my_channel }}" } } });
    expect(flow[2]).toMatchObject({ send: { json: { channel: "{{ my_channel }}" } } });
  });

  test("replies are told apart by an id, where each request has one of its own", async () => {
    const { config, flow } = await made([
      upgrade(),
      out({ jsonrpc: "2.0", id: 1, method: "net_version" }),
      into({ jsonrpc: "2.0", id: 1, result: "1" }),
      out({ jsonrpc: "2.0", id: 2, method: "eth_blockNumber" }),
      into({ jsonrpc: "2.0", id: 2, result: "0x10" }),
      out({ jsonrpc: "2.0", id: 3, method: "notify" }),
    ]);
    expect(config.correlate).toEqual({
      by: "id",
      request: "$.id",
      response: "$.id",
      timeout: "10s",
    });
    expect(flow[0]).toMatchObject({ expect: { json: "$.result", exists: true } });
    expect(flow.at(-1)).toMatchObject({ send: { reply: false } });
  });

  test("what carries no id is waited for, and the others are measured all the same", async () => {
    const { config, flow, text } = await made([
      upgrade(),
      out({ op: "login", user: "ada" }),
      into({ op: "welcome", session: "s-778899", user: "ada" }),
      out({ op: "say", session: "s-778899", id: 1 }),
      into({ op: "said", id: 1 }),
      into({ op: "joined", from: "bob" }),
      out({ op: "say", session: "s-778899", id: 2 }, { t: 100 }),
      into({ op: "said", id: 2 }, { t: 5100 }),
      out({ op: "bye" }, { t: 5110 }),
    ]);
    expect(config.correlate).toEqual({
      by: "id",
      request: "$.id",
      response: "$.id",
      timeout: "20s",
    });
    expect(flow.filter(({ think }) => think === undefined)).toEqual([
      { name: "login", send: { json: { op: "login", user: "ada" }, reply: false } },
      {
        wait: {
          json: "$.op",
          equals: "welcome",
          within: "5s",
          capture: { json: "$.session", as: "session" },
        },
      },
      expect.objectContaining({ name: "say", expect: expect.anything() as unknown }),
      expect.objectContaining({ name: "say", expect: expect.anything() as unknown }),
      { name: "bye", send: { json: { op: "bye" }, reply: false } },
    ]);
    const words = text.replace(/\n *# /g, " ");
    expect(words).toContain("Not measured, since no id comes back: login");
    expect(words).toContain("its answer, of which no round trip is measured");
  });

  test("an id that another recording contradicts is none", async () => {
    const lines = (second: number) => [
      upgrade(),
      out({ op: "a", id: 1 }),
      into({ op: "ok", id: 1 }),
      out({ op: "b", id: 2 }),
      into({ op: "ok", id: second }),
      into({ op: "push" }),
    ];
    const talks = [
      ...(await talksFrom(lines(2), { name: "one" })),
      ...(await talksFrom(lines(7), { name: "two" })),
    ];
    for (const order of [talks, talks.toReversed()]) {
      const { config, flow } = await scenarioOf(order);
      expect(config.correlate).toMatchObject({ by: "id", request: "$.id" });
      const replies = flow.flatMap(({ send }) => (typeof send === "object" ? [send.reply] : []));
      expect(replies).toEqual([undefined, false]);
    }
  });

  test("Socket.IO: text with JSON in it, its values varied all the same", async () => {
    const { flow } = await made([
      upgrade(),
      into('0{"sid":"lv_VI97HAXpY6yYWAAAB","pingInterval":25000}'),
      out("40"),
      into('40{"sid":"wZX3oN0bSVIhsaknAAAI"}'),
      out(`42["say",{"id":"${uuid}","sid":"wZX3oN0bSVIhsaknAAAI","text":"a {{b}} c","n":5}]`),
      into('42["said",{"text":"hi"}]'),
    ]);
    const text = '42["say",{"id":"{{ $uuid }}","sid":"{{ sid }}","text":"a \\{{b}} c","n":5}]';
    expect(flow.at(-1)).toMatchObject({
      send: { text },
      expect: { matches: '^\\d+(?:/[^,]*,)?\\d*\\["said"' },
    });
    expect(JSON.stringify(flow)).toContain('"as":"sid"');
  });

  test("bytes, large messages and numbers that JavaScript cannot hold", async () => {
    const { flow } = await made([
      upgrade(),
      out(Buffer.from([0, 1, 255])),
      into(Buffer.from([7])),
      out("x".repeat(100_000)),
      out(Buffer.alloc(300_000)),
      out('{"id":12345678901234567890}'),
      out('{ "a" : 1.50, "a": 2 }'),
      out('{"__proto__":1}'),
      out("", {}),
    ]);
    expect(flow.flatMap(({ send }) => send ?? [])).toEqual([
      { binary: "base64:AAH/" },
      { size: 100_000 },
      { size: 300_000, as: "binary" },
      { text: '{"id":12345678901234567890}' },
      { text: '{ "a" : 1.50, "a": 2 }' },
      { text: '{"__proto__":1}' },
      { text: "" },
    ]);
    expect(flow[0]).toMatchObject({ expect: { opcode: "binary" } });
  });
});

describe("several recordings", () => {
  const chat = (name: string, text: string, id: string) => [
    upgrade(),
    out({ op: "join", name }),
    into({ op: "joined", session: id }),
    out({ op: "say", name, text, session: id }),
    into({ op: "said", text }),
  ];

  test("that do the same become one kind of user, who differ as they did", async () => {
    const talks = [
      ...(await talksFrom(chat("ada", "hello there", "sess-11111"), { name: "one" })),
      ...(await talksFrom(chat("bob", "good evening", "sess-22222"), { name: "two" })),
    ];
    const { scenarios, config, flow } = await scenarioOf(talks);
    expect(scenarios).toHaveLength(1);
    expect(scenarios[0]).toMatchObject({ weight: 2, repeat: "reconnect" });
    expect(config.variables).toEqual({
      names: ["ada", "bob"],
      texts: ["hello there", "good evening"],
    });
    expect(flow[0]).toEqual({ set: { my_name: "{{ $pick(names) }}" } });
    expect(flow.at(-1)).toMatchObject({
      send: {
        json: {
          name: "{{ my_name }}",
          text: "{{ $pick(texts) }}",
          session: "{{ session }}",
        },
      },
    });
  });

  test("that do something else become kinds of their own", async () => {
    const talks = [
      ...(await talksFrom([upgrade(), out("a"), into("a")], { name: "same name" })),
      ...(await talksFrom([upgrade(), out({ op: "b" })], { name: "same name" })),
      ...(await talksFrom([upgrade(), out("a"), into("a")], { name: "../../x\u001b" })),
    ];
    const { scenarios } = await scenarioOf(talks);
    expect(scenarios.map(({ name, weight }) => [name, weight])).toEqual([
      ["same_name", 2],
      ["same_name2", 1],
    ]);
  });

  test("of several addresses are refused, unless the target is told", async () => {
    const talks = [
      ...(await talksFrom([upgrade(), out("a")], { url: "ws://h/a?token=secret" })),
      ...(await talksFrom([upgrade(), out("a")], { url: "ws://h/b" })),
    ];
    await expect(scenarioOf(talks)).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      where: ["ws://h/a", "ws://h/b"],
    });
    const { config } = await scenarioOf(talks, { target: "ws://127.0.0.1:1/" });
    expect(config.target).toBe("ws://127.0.0.1:1/");
  });
});

describe("the connection", () => {
  test("headers, origin and subprotocols are kept, the handshake's own are not", async () => {
    const { config } = await made([
      upgrade("/", "", {
        request: [
          ["Host", "h"],
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Key", "x"],
          ["Sec-WebSocket-Protocol", "chat.v1, chat.v2"],
          ["Origin", "https://app.example"],
          ["User-Agent", "Browser {{ 1 }}"],
          ["X-Tenant", "blue"],
          ["Bad Name", "x"],
          ["X-Lines", "a\r\nb"],
        ],
        response: [["Sec-WebSocket-Extensions", "permessage-deflate"]],
      }),
      out("a"),
    ]);
    expect(config.connection).toEqual({
      headers: { "User-Agent": "Browser \\{{ 1 }}", "X-Tenant": "blue" },
      subprotocols: ["chat.v1", "chat.v2"],
      origin: "https://app.example",
    });
  });

  test("no secret is in the file, redacted or not", async () => {
    const canary = "kanarienvogel-8f3a2b";
    const talks = await talksFrom(
      [
        upgrade("/", "", {
          request: [
            ["Authorization", `Bearer ${canary}`],
            ["Cookie", `sid=${canary}; theme=dark`],
            ["X-Custom", "before [redacted] after"],
          ],
        }),
        out({ op: "login", password: canary, pin: "[redacted]" }),
        into({ ok: true, echo: canary }),
        out(`AUTH ${canary}`),
      ],
      { url: `ws://user:${canary}@h/?access_token=${canary}` },
    );
    const { text, config } = await scenarioOf(talks);
    expect(text).not.toContain(canary);
    expect(text).not.toContain("[redacted]");
    expect(config.connection?.headers).toEqual({
      Authorization: expect.stringMatching(/^\{\{ \$env\.\w+ \}\}$/) as string,
      "X-Custom": "before {{ $env.X_CUSTOM }} after",
    });
    expect(text).toMatch(/Set in the environment.*AUTHORIZATION/);
    expect(config.target).toBeUndefined();
  });
});

describe("whatever was recorded", () => {
  test("nothing but a connection is a user who listens", async () => {
    const { flow } = await made([upgrade()]);
    expect(flow).toEqual([{ think: "1s" }]);
  });

  test("no connection at all is refused", async () => {
    await expect(made([])).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
    await expect(made([upgrade("/", "", { status: 403 })])).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
    });
  });

  test("too much is cut, and told", async () => {
    const lines = Array.from({ length: 1000 }, (_, n) => [
      out({ op: "x", text: "y".repeat(5000), n: `${n % 7}${n}` }),
      into({ op: "z" }),
    ]).flat();
    const { text, notes } = await made([upgrade(), ...lines]);
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    expect(notes.join()).toMatch(/\d+ messages that were sent are left out/);
  });

  test("hostile texts and names make a file that passes all the same", async () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(
          "{{",
          "}}",
          "\\{{ $env.HOME }}",
          "{{ $uuid }}",
          "[redacted]",
          "- a: &b *c",
          uuid,
        ),
        fc.string({ unit: "binary" }),
        fc.double(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom("id", "token", "<<", "op")),
          tie("value"),
          {
            maxKeys: 3,
          },
        ),
      ),
    })).value;
    const line = fc.record({
      isOut: fc.boolean(),
      content: fc.oneof(value, fc.string({ unit: "binary" })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (given) => {
        const lines = given.map(({ isOut, content }) => (isOut ? out(content) : into(content)));
        // It is read as a run would read it before it is given out.
        const { scenarios } = await made([upgrade(), ...lines]);
        expect(scenarios).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });
});

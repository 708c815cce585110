/** Recordings replayed against servers: paces, captures, and what is told of differences. */
import { describe, expect, test, vi } from "vitest";
import { parseCapture } from "../../src/replay/captures.js";
import { parsePace } from "../../src/replay/pace.js";
import type { RawData } from "ws";
import {
  came,
  closed,
  recording,
  replayed,
  sent,
  startServer,
  textOf,
  upgrade,
} from "./replay-rig.js";

const json = (data: RawData): Record<string, unknown> =>
  JSON.parse(textOf(data)) as Record<string, unknown>;

/** Logs in after a random while, and then wants the token of this login. */
function startLogin(): Promise<string> {
  return startServer((client) => {
    let token = "";
    let logins = 0;
    client.on("message", (data) => {
      const message = json(data);
      if (message["op"] === "login") {
        setTimeout(
          () => {
            token = `tok-${Math.random().toString(36).slice(2, 10)}-${++logins}`;
            client.send(JSON.stringify({ op: "welcome", session: token }));
          },
          30 + Math.random() * 40,
        );
      } else if (token !== "" && message["token"] === token) {
        client.send(JSON.stringify({ op: "ok", did: message["op"] }));
      } else client.send(JSON.stringify({ op: "error", why: "who are you?" }));
    });
  });
}

/** The server answered at once then. */
const login = recording([
  upgrade,
  sent({ op: "login" }),
  came({ op: "welcome", session: "tok-recorded-1" }),
  sent({ op: "order", token: "tok-recorded-1" }),
  came({ op: "ok", did: "order" }),
  sent({ op: "list", token: "tok-recorded-1", url: "https://h/?t=tok-recorded-1&x=1" }),
  came({ op: "ok", did: "list" }),
  closed("client"),
]);

describe("a server that takes its time, and whose token must be carried on", () => {
  test("the recorded pace fails", async () => {
    const { outcome } = await replayed(await startLogin(), login, { pace: parsePace("recorded") });
    expect(outcome).toBe("different");
  });

  test("gated alone fails: the token is an old one", async () => {
    const { outcome, connections } = await replayed(await startLogin(), login);
    expect(outcome).toBe("different");
    expect(connections[0]).toMatchObject({
      sent: 3,
      received: 3,
      changed: 3,
      missing: 0,
      extra: 0,
    });
  });

  test("gated with a capture passes", async () => {
    const captures = [parseCapture("token=$.session")];
    const { outcome, connections } = await replayed(await startLogin(), login, { captures });
    expect(connections[0]!.differences).toEqual([]);
    expect(outcome).toBe("same");
    expect(connections[0]!.captured).toEqual({ token: 3 });
  });

  test("gated with detection passes, and says what was found", async () => {
    const { outcome, connections } = await replayed(await startLogin(), login, { detect: true });
    expect(connections[0]!.differences).toEqual([]);
    expect(outcome).toBe("same");
    expect(connections[0]!.detected).toMatchObject([
      {
        received: { message: 1, path: "$.session" },
        sent: { message: 2, path: "$.token" },
        times: 3,
      },
    ]);
  });
});

/** Says these messages to whoever connects, and closes. */
const saying = (messages: readonly unknown[], close?: [code: number, reason?: string]) =>
  startServer((client) => {
    for (const message of messages) {
      client.send(
        typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      );
    }
    if (close) client.close(...close);
  });

const said = (...messages: unknown[]) => recording([upgrade, ...messages.map((one) => came(one))]);

describe("differences", () => {
  test("a missing message makes no others differ", async () => {
    const all = Array.from({ length: 30 }, (_, index) => ({
      op: "tick",
      n: index,
      price: index * 7,
    }));
    const url = await saying(all.filter(({ n }) => n !== 11));
    const { connections } = await replayed(url, said(...all));
    expect(connections[0]).toMatchObject({ same: 29, missing: 1, extra: 0, changed: 0 });
    expect(connections[0]!.differences).toMatchObject([
      { kind: "missing", recorded: 12, line: 14 },
    ]);
  });

  test("nor does one more, or a run of them", async () => {
    const all = Array.from({ length: 200 }, (_, index) => ({ op: "tick", n: index }));
    const more = Array.from({ length: 100 }, (_, index) => ({ kind: "news", id: `n${index}` }));
    const url = await saying([...all.slice(0, 50), ...more, ...all.slice(50)]);
    const { connections } = await replayed(url, said(...all));
    expect(connections[0]).toMatchObject({ same: 200, missing: 0, extra: 100, changed: 0 });
  });

  test("a run that is missing", async () => {
    const all = Array.from({ length: 200 }, (_, index) => ({ op: "tick", n: index }));
    const gone = Array.from({ length: 100 }, (_, index) => ({ kind: "news", id: `n${index}` }));
    const url = await saying(all);
    const { connections } = await replayed(
      url,
      said(...all.slice(0, 50), ...gone, ...all.slice(50)),
    );
    expect(connections[0]).toMatchObject({ same: 200, missing: 100, extra: 0, changed: 0 });
  });

  test("a leaf is told with its path", async () => {
    const url = await saying([{ op: "quote", price: { bid: 10, ask: 12 } }, "bye"]);
    const { connections } = await replayed(
      url,
      said({ op: "quote", price: { bid: 10, ask: 11 } }, "bye"),
    );
    expect(connections[0]!.differences).toEqual([
      {
        kind: "changed",
        recorded: 1,
        received: 1,
        line: 3,
        changes: [{ path: "$.price.ask", recorded: "11", received: "12" }],
      },
    ]);
  });

  test("two that changed places", async () => {
    const url = await saying([{ a: 1 }, { c: 3 }, { b: 2 }, { d: 4 }]);
    const content = said({ a: 1 }, { b: 2 }, { c: 3 }, { d: 4 });
    const { connections } = await replayed(url, content);
    expect(connections[0]).toMatchObject({ same: 3, moved: 1, missing: 0, extra: 0 });
    const unordered = await replayed(url, content, { ordered: false });
    expect(unordered.outcome).toBe("same");
  });

  test("text, bytes and opcodes", async () => {
    const url = await saying(["hello world", Buffer.from([1, 2, 3, 4]), Buffer.from("text?")]);
    const content = recording([
      upgrade,
      came("hello there"),
      { k: "in", op: 2, b64: Buffer.from([1, 2, 9, 4]).toString("base64") },
      came("text?"),
    ]);
    const { connections } = await replayed(url, content);
    expect(connections[0]!.differences.flatMap(({ changes }) => changes)).toEqual([
      { path: "text", recorded: '"hello there"', received: '"hello world"' },
      { path: "byte 2", recorded: "09 04 (4 bytes)", received: "03 04 (4 bytes)" },
      { path: "opcode", recorded: "text", received: "binary" },
    ]);
  });

  test("what is ignored", async () => {
    const url = await saying([
      { ts: 5, items: [{ id: 1, at: "2026-02-02T10:00:00Z" }], n: 1 },
      "it is 10:11:12 now",
    ]);
    const content = said(
      { ts: 1, items: [{ id: 7, at: "2025-01-01T00:00:00Z" }], n: 1 },
      "it is 00:01:02 now",
    );
    const all = await replayed(url, content, {
      ignore: ["$.ts", "$..id"],
      ignoreValues: ["\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z", "\\d\\d:\\d\\d:\\d\\d"],
    });
    expect(all.connections[0]!.differences).toEqual([]);
    const { connections } = await replayed(url, content, {
      ignore: ["$.items[?@.id > 0]", "$.ts"],
    });
    expect(connections[0]!.differences).toMatchObject([{ changes: [{ path: "text" }] }]);
  });

  test("what was redacted in the recording stands for anything", async () => {
    const url = await saying([{ token: "abc123", user: "eve" }, "key=abc123;ok"]);
    const content = said({ token: "[redacted]", user: "eve" }, "key=[redacted];ok");
    const marked = content.replaceAll('"k":"in"', '"redacted":true,"k":"in"');
    expect((await replayed(url, marked)).outcome).toBe("same");
    // Unmarked, that is what the server itself has said.
    expect((await replayed(url, content)).connections[0]).toMatchObject({ same: 0 });
  });
});

describe("how connections open and end", () => {
  test("another close code, and another reason", async () => {
    const url = await saying(["x"], [4001, "go"]);
    const { outcome, connections } = await replayed(
      url,
      recording([upgrade, came("x"), closed("server", 4000, "stay")]),
    );
    expect(outcome).toBe("different");
    expect(connections[0]!.differences).toEqual([
      {
        kind: "close",
        line: 4,
        changes: [
          { path: "code", recorded: "4000", received: "4001" },
          { path: "reason", recorded: '"stay"', received: '"go"' },
        ],
      },
    ]);
  });

  test("a close as recorded, by either side", async () => {
    const byServer = recording([upgrade, came("x"), closed("server", 4001, "go")]);
    expect((await replayed(await saying(["x"], [4001, "go"]), byServer)).outcome).toBe("same");
    const seen: number[] = [];
    const url = await startServer((client) => {
      client.on("close", (code) => seen.push(code));
      client.send("x");
    });
    const byClient = recording([upgrade, came("x"), closed("client", 4999, "bye")]);
    expect((await replayed(url, byClient)).outcome).toBe("same");
    await vi.waitFor(() => expect(seen).toEqual([4999]));
  });

  test("a server that does not close any more", async () => {
    const content = recording([upgrade, came("x"), closed("server", 1001)]);
    const { connections } = await replayed(await saying(["x"]), content);
    expect(connections[0]!.differences).toMatchObject([
      { kind: "close", changes: [{ path: "code", recorded: "1001", received: "still open" }] },
    ]);
  });

  test("a connection that breaks", async () => {
    const url = await startServer((client) => client.once("message", () => client.terminate()));
    const content = recording([
      upgrade,
      sent("a"),
      came("b"),
      sent("c"),
      came("d"),
      closed("client"),
    ]);
    const { outcome, connections } = await replayed(url, content);
    expect(outcome).toBe("lost");
    expect(connections[0]).toMatchObject({
      missing: 2,
      unsent: 1,
      failure: { code: "WSCTL_ELOST" },
    });
  });

  test("nobody there", async () => {
    const { outcome, connections } = await replayed("ws://127.0.0.1:1/", login);
    expect(outcome).toBe("failed");
    expect(connections[0]).toMatchObject({ opened: 0, failure: { code: "WSCTL_EREFUSED" } });
  });

  test("reconnects are replayed as reconnects", async () => {
    let clients = 0;
    const url = await startServer((client) => {
      client.send(`hello ${++clients}`);
      client.on("message", (data) => client.send(`got ${textOf(data)}`));
    });
    const content = recording([
      upgrade,
      came("hello 1"),
      { k: "gap", why: "reconnect", attempt: 1, lasted: 10 },
      upgrade,
      came("hello 2"),
      sent("a"),
      came("got a"),
      closed("client"),
    ]);
    const { outcome, connections } = await replayed(url, content);
    expect(connections[0]!.differences).toEqual([]);
    expect(outcome).toBe("same");
    expect(connections[0]!.opened).toBe(2);
  });

  test("headers, origin and subprotocol are offered again", async () => {
    const url = await startServer(() => {}, { protocols: ["chat.v2"] });
    const line = {
      ...upgrade,
      request: [
        ["Host", "elsewhere"],
        ["Origin", "https://app.example"],
        ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="],
        ["Sec-WebSocket-Protocol", "chat.v1, chat.v2"],
        ["X-Tenant", "blue"],
      ],
      response: [["Sec-WebSocket-Protocol", "chat.v1"]],
    };
    const { connections } = await replayed(url, recording([line, closed("client")]));
    expect(connections[0]!.differences).toEqual([
      {
        kind: "upgrade",
        line: 2,
        changes: [{ path: "subprotocol", recorded: '"chat.v1"', received: '"chat.v2"' }],
      },
    ]);
  });
});

describe("paces and ends", () => {
  test("what was waited for in vain is told, and later sends wait for no more than they must", async () => {
    const url = await startServer((client) => {
      client.on("message", (data) => {
        const { n } = json(data);
        if (n !== 1) client.send(JSON.stringify({ answer: n }));
      });
    });
    const lines = [1, 2, 3, 4].flatMap((n) => [sent({ n }), came({ answer: n })]);
    const { outcome, connections } = await replayed(url, recording([upgrade, ...lines]), {
      gateTimeout: 100,
    });
    expect(outcome).toBe("different");
    expect(connections[0]!.waits).toMatchObject([
      { send: 2, line: 5, lacking: 1, first: 1, message: '{"answer":1}' },
    ]);
    expect(connections[0]).toMatchObject({ same: 3, missing: 1, extra: 0, changed: 0 });
  });

  test("pauses are as recorded, unless they are capped or cut short", async () => {
    const times: number[] = [];
    const url = await startServer((client) =>
      client.on("message", () => times.push(performance.now())),
    );
    const lines = [upgrade, sent("a", { t: 0 }), sent("b", { t: 1000 }), closed("client")];
    const pause = async (pace: string, idleCap = Infinity): Promise<number> => {
      times.length = 0;
      const content = recording(lines, 60);
      await replayed(url, content, { pace: parsePace(pace), idleCap });
      return times[1]! - times[0]!;
    };
    const recorded = await pause("recorded");
    expect(recorded).toBeGreaterThan(950);
    expect(await pause("asap")).toBeLessThan(recorded / 2);
    expect(await pause("recorded", 10)).toBeLessThan(recorded / 2);
    expect(await pause("20x")).toBeLessThan(recorded / 2);
  });

  test("a replay that is stopped tells what it has", async () => {
    const stop = new AbortController();
    const url = await startServer((client) => {
      client.on("message", () => client.send("answer"));
    });
    const content = recording([upgrade, sent("a"), came("answer"), came("never"), sent("b")]);
    const { outcome, connections } = await replayed(url, content, {
      signal: stop.signal,
      onProgress: ({ received }) => received > 0 && stop.abort(),
      gateTimeout: 60_000,
      wait: 60_000,
    });
    expect(outcome).toBe("interrupted");
    expect(connections[0]).toMatchObject({ sent: 1, received: 1, missing: 0 });
  });

  test("several recordings keep how far apart they began", async () => {
    const order: string[] = [];
    const url = await startServer((client) => {
      client.on("message", (data) => order.push(textOf(data)));
    });
    const at = (ms: number, name: string) =>
      recording([upgrade, sent(name)], 1, {
        startedAt: new Date(1_767_000_000_000 + ms).toISOString(),
      });
    const result = await replayed(url, [at(150, "second"), at(0, "first")], {
      pace: parsePace("recorded"),
    });
    expect(result.connections.map(({ name }) => name)).toEqual(["0.wsrec", "1.wsrec"]);
    expect(order).toEqual(["first", "second"]);
  });
});

describe("turns and ends", () => {
  const asking = recording([
    upgrade,
    sent({ op: "login" }),
    came({ session: "abc123" }),
    sent({ token: "abc123" }),
    came({ ok: true }),
    closed("client"),
  ]);

  test("no send goes out for a message that is another", async () => {
    const heard: unknown[] = [];
    const url = await startServer((client) => {
      client.on("message", (data) => {
        heard.push(json(data));
        if (heard.length > 1) return client.send('{"ok":true}');
        client.send('{"notice":"maintenance"}');
        setTimeout(() => client.send('{"session":"new777"}'), 400);
        return undefined;
      });
    });
    const { connections } = await replayed(url, asking, { detect: true, gateTimeout: 5000 });
    expect(heard.at(-1)).toEqual({ token: "new777" });
    expect(connections[0]).toMatchObject({ same: 2, extra: 1, missing: 0, waits: [] });
  });

  test("an answer that was late is late, and neither missing nor moved", async () => {
    const url = await startServer((client) => {
      client.on("message", () => setTimeout(() => client.send("answer"), 250));
    });
    const content = recording([upgrade, sent("a"), came("answer"), sent("b"), came("answer")]);
    const { outcome, connections } = await replayed(url, content, { gateTimeout: 100, wait: 1000 });
    expect(connections[0]!.differences).toEqual([]);
    expect(connections[0]!.waits).toMatchObject([{ send: 2, lacking: 1 }]);
    expect(outcome).toBe("late");
  });

  test("what comes after all that was recorded is heard, and so is a close", async () => {
    const url = await startServer((client) => {
      client.on("message", () => {
        client.send("answer");
        setTimeout(() => client.send("more"), 40);
        setTimeout(() => client.close(1011, "boom"), 80);
      });
    });
    const lines = [upgrade, sent("a"), came("answer")];
    for (const end of [[], [{ ...closed("client"), t: 5000 }]]) {
      const { connections } = await replayed(url, recording([...lines, ...end]));
      const kinds = connections[0]!.differences.map(({ kind }) => kind);
      expect(kinds).toEqual(["extra", "close"]);
    }
  });

  test("what could not be sent is a difference", async () => {
    const url = await startServer((client) => client.once("message", () => client.close(1000)));
    const content = recording([
      upgrade,
      sent("a"),
      sent("b", { t: 200 }),
      { ...closed("server"), t: 201 },
    ]);
    const { outcome, connections } = await replayed(url, content, { pace: parsePace("recorded") });
    expect(outcome).toBe("different");
    expect(connections[0]!.differences).toMatchObject([{ kind: "unsent", line: 4 }]);
  });

  test("in any order, however many there are", async () => {
    const all = Array.from({ length: 2500 }, (_, n) => ({ n }));
    const url = await saying(all.toReversed());
    const { connections } = await replayed(url, said(...all), { ordered: false, wait: 1000 });
    expect(connections[0]).toMatchObject({ outcome: "same", same: 2500 });
  });

  test("small messages that are nested deeply do not hold it up", async () => {
    const nest = (leaf: string, more: readonly unknown[]): unknown => {
      let value: unknown = leaf;
      for (let depth = 0; depth < 60; depth++) value = [value, ...more];
      return value;
    };
    const then = Array.from({ length: 8 }, (_, n) => nest(`r${n}`, [0]));
    const now = Array.from({ length: 8 }, (_, n) => nest(`x${n}`, [0, 0]));
    const { outcome } = await replayed(await saying(now), said(...then));
    expect(outcome).toBe("different");
  });
});

describe("control frames and fragments", () => {
  test("pings are sent again; pongs only where nobody had asked", async () => {
    const seen: string[] = [];
    const url = await startServer((client) => {
      client.on("ping", (data) => seen.push(`ping ${data.toString()}`));
      client.on("pong", (data) => seen.push(`pong ${data.toString()}`));
      client.on("message", (data, binary) =>
        seen.push(`${binary ? "binary" : "text"} ${textOf(data).length}`),
      );
    });
    const b64 = (text: string) => Buffer.from(text).toString("base64");
    const content = recording([
      upgrade,
      { k: "in", op: 9, b64: b64("asked") },
      { k: "out", op: 10, b64: b64("asked") },
      { k: "out", op: 9, b64: b64("mine") },
      { k: "out", op: 10, b64: b64("unasked") },
      { k: "out", op: 2, b64: b64("0123456789"), frags: [3, 3, 4] },
      closed("client"),
    ]);
    expect((await replayed(url, content)).outcome).toBe("same");
    expect(seen).toEqual(["ping mine", "pong unasked", "binary 10"]);
  });
});

/** Accepting what came: what is written anew, and what stays as it was. */
import { once } from "node:events";
import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { Redactor } from "../../src/recording/redactor.js";
import { parseCapture } from "../../src/replay/captures.js";
import {
  came,
  closed,
  recording,
  replayed,
  sent,
  startServer,
  textOf,
  updated,
  upgrade,
} from "./replay-rig.js";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "wsctl-update-"));
  file = path.join(folder, "one.wsrec");
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const answering = (answers: Readonly<Record<string, readonly unknown[]>>, close?: number) =>
  startServer((client) => {
    client.on("message", (data) => {
      for (const answer of answers[textOf(data)] ?? []) client.send(JSON.stringify(answer));
      if (close !== undefined && textOf(data) === "last") client.close(close, "done");
    });
  });

const lines = async () => (await readFile(file, "utf8")).trimEnd().split("\n");

test("answers are replaced, taken out and put in; all else stays", async () => {
  const url = await answering(
    { a: [{ n: 1 }, { op: "three", n: 3 }, { kind: "new", x: 1 }], last: [{ end: 1 }] },
    4002,
  );
  const content = recording([
    upgrade,
    { k: "mark", text: "begin", note: 1 },
    sent("a"),
    came({ n: 1 }, { later: "x" }),
    came({ kind: "gone", y: 1 }),
    came({ op: "three", n: 4 }, { wire: 99, frags: [1, 2], later: [1] }),
    { k: "unknown", whatever: { deep: [1] } },
    sent("last"),
    came({ end: 1 }),
    closed("server", 4001),
    { k: "end", in: 4, out: 2 },
  ]).replace('{"t":1,', '# about the mark\n\n{"t":1,');
  const result = await updated(url, file, `${content}# below\n`, new Redactor());
  expect(result.connections[0]).toMatchObject({ outcome: "different", updated: true });
  const now = await lines();
  const before = content.trimEnd().split("\n");
  expect(now.slice(0, 7)).toEqual(before.slice(0, 7));
  expect(now.slice(7)).toEqual([
    JSON.stringify({ t: 5, k: "in", op: 1, data: '{"op":"three","n":3}', later: [1] }),
    ...before.slice(9, 11),
    // It came before the send, though nothing was expected any more that it could stand before.
    JSON.stringify({ t: 8, k: "in", op: 1, data: '{"kind":"new","x":1}' }),
    before[11],
    '{"t":9,"k":"close","by":"server","code":4002,"reason":"done"}',
    '{"t":10,"k":"end","in":4,"out":2}',
    "# below",
  ]);
  expect(now.some((line) => line.includes("gone"))).toBe(false);
  expect(await readdir(folder)).toEqual(["one.wsrec"]);
  const again = await replayed(url, await readFile(file, "utf8"));
  expect(again.connections[0]!.differences).toEqual([]);
});

describe("what is kept", () => {
  test("a recording of which all came is not touched", async () => {
    const url = await answering({ a: [{ n: 1 }] });
    const content = recording([upgrade, sent("a"), came({ n: 1 }), closed("client")]);
    const result = await updated(url, file, content, new Redactor());
    expect(result.connections[0]).toMatchObject({ outcome: "same", updated: false });
    expect(await readFile(file, "utf8")).toBe(content);
    expect(await readdir(folder)).toEqual(["one.wsrec"]);
  });

  test("one that was not played to its end is not touched either", async () => {
    const url = await startServer((client) => client.once("message", () => client.terminate()));
    const content = recording([upgrade, sent("a"), came({ n: 1 })]);
    const result = await updated(url, file, content, new Redactor());
    expect(result.connections[0]).toMatchObject({ outcome: "lost", updated: false });
    expect(await readFile(file, "utf8")).toBe(content);
    expect(await readdir(folder)).toEqual(["one.wsrec"]);
  });

  test("values that are ignored, how they are written, and whether it was compressed", async () => {
    const url = await answering({ a: [{ n: 2, ts: 999, at: { ts: "new", x: [1] } }] });
    const was = '{"n":1, "ts":1.50,"at":{"ts":"o\\u006cd","x":[1]}}';
    const content = recording([upgrade, sent("a"), came(was, { rsv1: true }), closed("client")]);
    const result = await updated(url, file, content, new Redactor(), { ignore: ["$..ts"] });
    expect(result.connections[0]).toMatchObject({ outcome: "different", updated: true });
    const line = JSON.parse((await lines())[3]!) as { data: string; rsv1?: boolean };
    expect(line).toMatchObject({
      data: '{"n":2,"ts":1.50,"at":{"ts":"o\\u006cd","x":[1]}}',
      rsv1: true,
    });
  });

  test("values that are carried over stay those of the recording, so that it still fits together", async () => {
    const url = await startServer((client) => {
      client.on("message", (data) => {
        const message = textOf(data);
        if (message === "login") client.send('{"session":"now-987654"}');
        else client.send(`{"did":${message},"for":"now-987654","more":1}`);
      });
    });
    const content = recording([
      upgrade,
      sent("login"),
      came({ session: "then-123456" }),
      sent({ token: "then-123456" }),
      came({ did: { token: "then-123456" }, for: "then-123456" }),
      closed("client"),
    ]);
    const captures = [parseCapture("token=$.session")];
    const result = await updated(url, file, content, new Redactor(), { captures });
    expect(result.connections[0]).toMatchObject({ outcome: "different", updated: true });
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("now-987654");
    expect(text).toContain('\\"more\\":1');
    expect((await replayed(url, text, { captures })).outcome).toBe("same");
  });

  test("what is secret is hidden again", async () => {
    const url = await answering({ a: [{ password: "hunter22", n: 2 }, { echo: "topsecret-1" }] });
    const content = recording([upgrade, sent("a"), came({ password: "[redacted]", n: 1 })]);
    const redactor = new Redactor({ patterns: ["$.password"] });
    redactor.learn("topsecret-1");
    await updated(url, file, content, redactor);
    const text = await readFile(file, "utf8");
    expect(text).not.toMatch(/hunter22|topsecret/);
    expect(text).toContain('"redacted":true');
    expect((await stat(file)).isFile()).toBe(true);
  });
});

describe("what is accepted", () => {
  test("how a connection opened and ended, even where the recording has no line for it", async () => {
    const url = await startServer(
      (client) =>
        client.on("message", () => {
          client.send("x");
          client.close(1011, "boom");
        }),
      { protocols: ["v2"] },
    );
    const request = [["Sec-WebSocket-Protocol", "v1, v2"]];
    const response = [
      ["X", "1"],
      ["Sec-WebSocket-Protocol", "v1"],
    ];
    for (const end of [[], [closed("client")], [closed("nobody", 1006)]]) {
      const begin = [{ ...upgrade, request, response }, sent("a"), came("x")];
      const result = await updated(url, file, recording([...begin, ...end]), new Redactor());
      expect(result.connections[0]).toMatchObject({ outcome: "different", updated: true });
      expect((await replayed(url, await readFile(file, "utf8"))).outcome).toBe("same");
    }
  });

  test("not that something could not be sent", async () => {
    const url = await startServer((client) => client.once("message", () => client.close(1000)));
    const content = recording([upgrade, sent("a"), { ...sent("b"), t: 150 }, closed("server")]);
    const pace = { kind: "recorded", speed: 1 } as const;
    const result = await updated(url, file, content, new Redactor(), { pace });
    expect(result.connections[0]).toMatchObject({ outcome: "different", updated: false });
    expect(result.connections[0]!.notes.join()).toContain("cannot be accepted");
    expect(await readFile(file, "utf8")).toBe(content);
  });

  test("through a link, with all that is not changed as it was spelt", async () => {
    const url = await answering({ a: [{ n: 2 }] });
    const content = recording([upgrade, sent("a"), came({ n: 1 }), { k: "end", in: 1, out: 1 }])
      .replace('{"wsrec":1,', '# first\n\n{ "wsrec": 1, "mine": 12345678901234567890,')
      .replace('"k":"in"', '"mine":1.0,"k":"in"')
      .replace('"out":1}', '"out":1, "mine":[1.0]}')
      .replaceAll("\n", "\r\n");
    const link = path.join(folder, "link.wsrec");
    await writeFile(file, content);
    await symlink("one.wsrec", link);
    await updated(url, link, content, new Redactor());
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, "utf8")).toBe(content.replace('{\\"n\\":1}', '{\\"n\\":2}'));
  });

  test("what was begun is gone when it is abandoned", async () => {
    const url = await startServer(() => {});
    const abandon = new AbortController();
    const stop = new AbortController();
    const content = recording([upgrade, sent("a"), came("never"), sent("b")]);
    const playing = updated(url, file, content, new Redactor(), {
      abandoned: abandon.signal,
      signal: stop.signal,
      gateTimeout: 60_000,
    });
    await vi.waitFor(async () => expect(await readdir(folder)).toHaveLength(2));
    abandon.abort();
    expect(await readdir(folder)).toEqual(["one.wsrec"]);
    stop.abort();
    await playing;
  });
});

describe("secrets of now", () => {
  test("of the opening, and where something was hidden, are hidden again", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("headers", (headers) => headers.push("Set-Cookie: sid=canary-cookie-1; HttpOnly"));
    server.on("connection", (client) => {
      client.on("message", () => {
        client.send('{"sid":"canary-cookie-1","n":2}');
        client.send('{"n":2,"deep":{"pin":98765,"who":"canary-who-2"}}');
        client.send('{"again":"canary-who-2"}');
        client.send("pin=canary-pin-3&x=2");
      });
    });
    await once(server, "listening");
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const redacted = { redacted: true };
    const content = recording([
      upgrade,
      sent("a"),
      came({ sid: "[redacted]", n: 1 }, redacted),
      came({ n: 1, deep: { pin: "[redacted]", who: "[redacted]" } }, redacted),
      came({ again: "[redacted]" }, redacted),
      came("pin=[redacted]&x=1", redacted),
    ]);
    const result = await updated(url, file, content, new Redactor());
    server.close();
    expect(result.connections[0]).toMatchObject({ updated: true, outcome: "different" });
    const text = await readFile(file, "utf8");
    expect(text).not.toMatch(/canary|98765/);
    expect(text).toContain("pin=[redacted]&x=2");
  });
});

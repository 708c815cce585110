/** Accepting what came: what is written anew, and what stays as it was. */
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

/** Shows `--match`: answers found by what the client says, whatever the order. */
import { describe, expect, test, vi } from "vitest";
import { IgnoredPaths } from "../../src/replay/ignore.js";
import { MockLookup } from "../../src/replay/mock-lookup.js";
import { Client } from "../serve/modes/mode-server.js";
import { until } from "../serve/running.js";
import { into, out, play, recording, upgrade } from "./mock-rig.js";

describe("match", () => {
  test("finds the recorded message in any order, JSON by its structure", async () => {
    const lines = [
      upgrade(),
      into("hello"),
      out({ op: "a", at: { x: 1, y: [1, 2] } }),
      into("A"),
      out("plain"),
      into("P"),
      into("P2"),
    ];
    const { url } = await play([recording(lines)], { match: true });
    const client = await Client.open(url);
    expect(await client.text()).toBe("hello");
    client.send("plain");
    expect([await client.text(), await client.text()]).toEqual(["P", "P2"]);
    client.send('{ "at": {"y":[1,2],"x":1.0}, "op":"a" }');
    expect(await client.text()).toBe("A");
  });

  test("what is nowhere is told and counted, and the next is answered", async () => {
    const { url, mock, notes } = await play([recording([out("a"), into("A")])], { match: true });
    const client = await Client.open(url);
    client.send("b");
    client.send(Buffer.from("a"));
    client.send("a");
    expect(await client.text()).toBe("A");
    expect(mock.unexpected()).toBe(2);
    expect(notes.filter(({ event }) => event === "unexpected")).toMatchObject([
      { message: 1, why: "no message of the recording is like it" },
      { message: 2, binary: true },
    ]);
  });

  test("said twice in the recording, the answers come in turn, and from the first again", async () => {
    const lines = ["1", "2"].flatMap((n) => [out("next"), into(n)]);
    const { url } = await play([recording(lines)], { match: true });
    const client = await Client.open(url);
    const heard: string[] = [];
    for (let n = 0; n < 4; n++) {
      client.send("next");
      heard.push(await client.text());
    }
    expect(heard).toEqual(["1", "2", "1", "2"]);
  });

  test("ignored paths may be anything, and with --detect come back in the answer", async () => {
    const lines = [out({ op: "get", id: 7, ts: 1 }), into({ re: "get", id: 7 })];
    const { url } = await play([recording(lines)], {
      match: true,
      ignore: ["$.id", "$..ts"],
      detect: true,
    });
    const client = await Client.open(url);
    client.send({ ts: 99, op: "get", id: 12_345 });
    expect(await client.json()).toEqual({ re: "get", id: 12_345 });
  });

  test("the other recordings of the path are looked through as well", async () => {
    const files = ["x", "y"].map((word) => recording([upgrade("/"), out(word), into(`${word}!`)]));
    const { url } = await play(files, { match: true });
    const client = await Client.open(url);
    for (const word of ["y", "x", "y"]) {
      client.send(word);
      expect(await client.text()).toBe(`${word}!`);
    }
  });

  test("what was redacted may be anything, all else may not", async () => {
    const lines = [
      out({ op: "login", password: "[redacted]" }, { redacted: true }),
      into({ ok: true }),
    ];
    const { url, mock } = await play([recording(lines)], { match: true });
    const client = await Client.open(url);
    client.send({ op: "logout", password: "hunter2" });
    client.send({ op: "login", password: "hunter2" });
    expect(await client.json()).toEqual({ ok: true });
    expect(mock.unexpected()).toBe(1);
  });

  test("a place that is ignored may be anything beside what was redacted", async () => {
    const said = out({ id: 5, password: "[redacted]" }, { redacted: true });
    const { url } = await play([recording([said, into("in")])], { match: true, ignore: ["$.id"] });
    const client = await Client.open(url);
    client.send({ id: 6, password: 1234 });
    expect(await client.text()).toBe("in");
  });

  test("a message is prepared once, however many recordings it is looked for in", async () => {
    const ignored = new IgnoredPaths([]);
    const looked = vi.spyOn(ignored, "in");
    const lookups = Array.from({ length: 50 }, () => new MockLookup(ignored));
    const wanted = { binary: false, payload: Buffer.from('{"a":1}') };
    for (const lookup of lookups) expect(lookup.find(wanted, -1)).toBeUndefined();
    expect(looked).toHaveBeenCalledTimes(1);
  });

  test("hostile JSON finds nothing and breaks nothing", async () => {
    const { url, mock } = await play([recording([out({ a: 1 }), into("A")])], { match: true });
    const client = await Client.open(url);
    client.send("[".repeat(100_000) + "]".repeat(100_000));
    client.send('{"__proto__":{"a":1}}');
    client.send('{"a":1,"a":2}');
    client.send('{"a":1}');
    expect(await client.text()).toBe("A");
    await until("all are counted", () => mock.unexpected() === 3);
  });
});

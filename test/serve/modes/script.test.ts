/** Shows that a script answers as its rules say, and that its mistakes are told at their place. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readRules } from "../../../src/serve/modes/script/rules.js";
import { mistakeOf, succeedsOrRefuses } from "../../message/mistake.js";
import { playPython } from "../../support/python-client.js";
import { requirePythonWebsockets } from "../../support/python-echo.js";
import { Client, createMode, type ModeServer, startMode } from "./mode-server.js";

const directory = mkdtempSync(path.join(tmpdir(), "wsctl-script-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;

async function startScript(rules: string): Promise<ModeServer> {
  const file = path.join(directory, `${++files}.yaml`);
  writeFileSync(file, rules);
  return startMode("script", { script: file });
}

describe("rules", () => {
  test("open, captures, several replies, JSON and text", async () => {
    const { url } = await startScript(`
- on: open
  reply: { op: hello, node: "{{ node }}", index: "{{ $index }}" }
- on: { json: $.op, equals: join }
  capture:
    - { json: $.room, as: room }
    - { json: $.id, as: id }
  replies:
    - { op: ok, id: "{{ id }}", room: "{{ room }}" }
    - "welcome to {{ room }}"
- on: { json: $.op, equals: where }
  reply: [here, "{{ room }}", "{{ $lastSeq }}", "{{ $seq }}"]
`);
    const client = await Client.open(url);
    expect(await client.text()).toBe('{"op":"hello","node":"node-1","index":0}');
    client.send({ op: "join", room: 'a "b"', id: 7 });
    expect(await client.json()).toEqual({ op: "ok", id: 7, room: 'a "b"' });
    expect(await client.text()).toBe('welcome to a "b"');
    client.send({ op: "where" });
    expect(await client.text()).toBe('["here","a \\"b\\"",2,4]');
  });

  test("the first rule that matches wins, times passes on to the next", async () => {
    const { url, mode } = await startScript(`
- { on: { contains: a }, times: 2, reply: first }
- { on: { contains: a }, reply: second }
- { on: { contains: quiet } }
- { on: {}, reply: any }
`);
    for (let client = 0; client < 2; client++) {
      const { send, text } = bound(await Client.open(url));
      for (const message of ["a", "quiet", "a", "a", "b"]) send(message);
      expect([await text(), await text(), await text(), await text()]).toEqual([
        "first",
        "first",
        "second",
        "any",
      ]);
    }
    expect(mode.stats?.()).toEqual({ matched: 10, unmatched: 0, failed: 0 });
  });

  test("a delayed reply keeps its place, and the close comes after it", async () => {
    const { url } = await startScript(`
- { on: { text: slow }, reply: slow, delay: 30ms }
- { on: { text: fast }, reply: fast }
- { on: { text: bye }, reply: bye, delay: "uniform=1ms..5ms", close: { code: 4001, reason: done } }
`);
    const client = await Client.open(url);
    for (const message of ["slow", "fast", "unknown", "bye"]) client.send(message);
    const [one, two, three] = [await client.text(), await client.text(), await client.text()];
    expect([one, two, three]).toEqual(["slow", "fast", "bye"]);
    expect(await client.closed).toBe(4001);
  });

  test("what is captured too deeply to be written ends that connection alone", async () => {
    const { url, mode } = await startScript(`
- { on: { json: $.x, exists: true }, capture: { json: $.x, as: x }, reply: { x: "{{ x }}" } }
- { on: {}, reply: other }
`);
    const [good, bad] = [await Client.open(url), await Client.open(url)];
    bad.send(`{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`);
    expect(await bad.closed).toBe(1011);
    expect(mode.stats?.()).toMatchObject({ failed: 1 });
    good.send("hello");
    expect(await good.text()).toBe("other");
  });

  test("a name without a value yet ends the connection, and says where", async () => {
    const { url, mode } = await startScript(`
- { on: { text: set }, capture: { matches: (s)et, as: x } }
- { on: {}, reply: "{{ x }}" }
`);
    const good = await Client.open(url);
    good.send("set");
    good.send("get");
    expect(await good.text()).toBe("s");
    const bad = await Client.open(url);
    const reason = new Promise((resolve) =>
      bad.socket.on("close", (_, why) => resolve(String(why))),
    );
    bad.send("get");
    expect(await bad.closed).toBe(1011);
    expect(await reason).toContain("line 3");
    expect(mode.stats?.()).toMatchObject({ failed: 1 });
  });
});

function bound(client: Client) {
  return {
    send: (value: unknown) => client.send(value),
    text: async () => client.text(),
  };
}

describe("mistakes", () => {
  const told = (text: string): string => mistakeOf(() => readRules("s.yaml", text, "node-1"));

  test("an unknown key: place, line, caret, nearest", () => {
    expect(told("- on: open\n  replay: hi\n").split("\n")).toEqual([
      's.yaml:2:3: a rule has no key "replay"',
      "    replay: hi",
      "    ^",
      "hint: did you mean reply?",
    ]);
  });

  test("all of them at once, in order", () => {
    const all = told("- on: open\n  times: 0\n- reply: x\n- on: { json: $.a, equal: 1 }\n");
    expect(all).toContain("s.yaml:2:10: times is a whole number from 1");
    expect(all).toContain("s.yaml:3:3: a rule says what it is for");
    expect(all).toContain('s.yaml:4:7: a matcher has no key "equal"');
    expect(all.indexOf("s.yaml:2")).toBeLessThan(all.indexOf("s.yaml:3"));
  });

  test.each([
    ["", "a script is a list of rules"],
    ["on: open", "a script is a list of rules"],
    ["- 5", "a rule has keys and values"],
    ["- on: opne", "on is open, or conditions"],
    ["- on: open\n  reply:", "s.yaml:2:3: reply has no value"],
    ["- on: open\n  reply: '{{ roon }}'\n  capture: { json: $.r, as: room }", "did you mean room?"],
    ["- on: open\n  reply: { a: ['{{ $sq }}'] }", "$seq"],
    ["- on: open\n  reply: a\n  replies: [b]", "reply or replies, not both"],
    ["- on: open\n  replies: a", "replies is a list"],
    ["- on: open\n  delay: 5", "delay is a duration"],
    ["- on: open\n  delay: zipf=5ms", "no distribution"],
    ["- on: open\n  close: 1006", "this code cannot be sent"],
    ["- on: open\n  close: { cod: 1000 }", "close has code and reason"],
    [`- on: open\n  close: { code: 1000, reason: ${"x".repeat(124)} }`, "123 bytes"],
    ["- on: open\n  capture: { json: $.a }", "cannot be a variable"],
    ["- on: open\n  on: open", "s.yaml:2:3"],
    ["- on: [open", "s.yaml:"],
    ["- on: { matches: '(' }", "s.yaml:1:7"],
    ["- &a { on: { contains: x }, reply: *b }", "s.yaml:1"],
  ])("%s", (text, expected) => {
    expect(told(text)).toContain(expected);
  });

  test("control characters in the file do not reach the terminal", () => {
    expect(told('- on: open\n  "\u009b31m": 5\n')).not.toContain("\u009b");
  });

  test("a missing file and a missing flag", () => {
    expect(mistakeOf(() => createMode("script"))).toContain("--script FILE");
    expect(mistakeOf(() => createMode("script", { script: "/nowhere/x" }))).toContain("ENOENT");
  });

  test("whatever the file holds, it is rules or a usage error", () => {
    const line = fc.constantFrom(
      "- ",
      "on: ",
      "open",
      "\n  ",
      "reply: ",
      "{",
      "}",
      "*a",
      "&a ",
      "~",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(line).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (source) => succeedsOrRefuses(() => readRules("s", source, "n"))),
      { numRuns: 500 },
    );
    expect(succeedsOrRefuses(() => readRules("s", "- on: open", "n"))).toBe(true);
  });
});

describe.skipIf(!requirePythonWebsockets())("for Python's websockets", () => {
  test("answers by its rules, and closes", async () => {
    const { url } = await startScript(`
- { on: open, reply: hello }
- { on: { binary: ca fe }, reply: { got: bytes } }
- { on: { matches: "^bye" }, close: { code: 4000, reason: bye } }
`);
    const came = await playPython(url, [
      { expect: "hello" },
      { send_hex: "cafe00" },
      { expect: { got: "bytes" } },
      { send: "bye now" },
      { expect_close: 4000 },
    ]);
    expect(came).toHaveLength(2);
  });
});

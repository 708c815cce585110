/** Shows how the view of `wsctl proxy` draws what happens, and that it holds nothing up. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { ProxyJsonView } from "../../src/cli/proxy/json-view.js";
import { eventLine, messageLine } from "../../src/cli/proxy/line.js";
import { LineFeed } from "../../src/cli/proxy/line-feed.js";
import { ProxyTextView } from "../../src/cli/proxy/text-view.js";
import { parseMatchExpression } from "../../src/message/match-expression.js";
import type { MessageEvent, ProxyEvent } from "../../src/proxy/events.js";
import type { ProxyStats } from "../../src/proxy/proxy.js";
import { fakeHost } from "./fake-host.js";

const plain = { chalk: new Chalk({ level: 0 }), width: 80 };
const coloured = { chalk: new Chalk({ level: 1 }), width: 80 };

function message(data: string | Buffer, facts: Partial<MessageEvent> = {}): MessageEvent {
  const bytes = Buffer.from(data);
  return {
    event: "message",
    connection: 3,
    direction: "out",
    binary: false,
    data: bytes,
    size: bytes.length,
    wire: bytes.length + 6,
    frames: 1,
    compressed: false,
    ...facts,
  };
}

function line(event: MessageEvent, isPretty = false, ink = plain): string {
  return messageLine(event, event.data, undefined, ink, isPretty);
}

const asked = { remote: "127.0.0.1:5", target: "ws://h/", path: "/", origin: undefined };

const stats: ProxyStats = {
  opened: 1,
  open: 0,
  refused: 2,
  requests: 0,
  tunnels: 0,
  messages: { in: 1, out: 1, bytesIn: 10, bytesOut: 2048 },
  closes: {},
  recordingsInTrouble: 1,
};

const listening = {
  url: "ws://127.0.0.1:8080/",
  control: "http://127.0.0.1:1",
  token: "t",
  seed: "s",
  forward: true,
  targets: ["ws://h/"],
  record: "talks",
  fingerprint: undefined,
};

// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

describe("a line", () => {
  test.each([
    [message('{"op":"join"}'), '#3 → {"op":"join"}  13 B'],
    [message("a\nb\tc"), "#3 → a⏎b c  5 B"],
    [message("", { direction: "in" }), "#3 ← (empty)  0 B"],
    [message(Buffer.from([1, 0xff]), { binary: true }), "#3 → binary 01 ff  2 B"],
    [message(Buffer.from([0x61, 0xff])), "#3 → a\ufffd  2 B"],
    [message("x", { data: undefined, size: 2 ** 24 }), "#3 → (not kept)  16.0 MiB"],
  ])("of %j", (event, expected) => {
    expect(line(event)).toBe(expected);
  });

  test("says how long after the one before it", () => {
    expect(messageLine(message("x"), Buffer.from("x"), 1.234, plain, false)).toBe(
      "#3 → x  1 B  1.23 ms",
    );
  });

  test("is no longer than the terminal is wide", () => {
    for (const data of ["x".repeat(500), "ä".repeat(500), "\u001b".repeat(500)]) {
      const found = line(message(data));
      expect(found.length).toBeLessThanOrEqual(80);
      expect(found).toContain("…");
    }
    expect(line(message(Buffer.alloc(100), { binary: true }))).toMatch(/ 00 …  100 B$/);
  });

  test("lays JSON out where that is wanted, on so many lines at most", () => {
    expect(line(message('{"a":[1,{}]}'), true).split("\n")).toEqual([
      "#3 → JSON  12 B",
      "    {",
      '      "a": [',
      "        1,",
      "        {}",
      "      ]",
      "    }",
    ]);
    expect(line(message("[]"), true)).toBe("#3 → []  2 B");
    const list = Array.from({ length: 100 }, (_, n) => ({
      number: n,
      text: "\u001b[2J".repeat(9),
    }));
    const lines = line(message(JSON.stringify(list)), true).split("\n");
    expect([lines.length <= 26, lines.at(-1)]).toEqual([true, "    …"]);
    expect(lines.join("")).not.toMatch(obeyed);
  });

  test("has a colour for each connection", () => {
    const first = (connection: number): string =>
      line(message("x", { connection }), false, coloured).split("#")[0]!;
    expect(new Set([1, 2, 3, 4].map(first)).size).toBe(4);
    expect(first(5)).toBe(first(1));
  });

  test.each<[Exclude<ProxyEvent, MessageEvent>, RegExp]>([
    [
      {
        event: "open",
        connection: 1,
        ...asked,
        origin: "http://o\u202e",
        subprotocol: "chat",
        extensions: "permessage-deflate",
        phases: { dns: 1, tcp: 1, tls: 0, upgrade: 1 },
        recording: "talks/x.wsrec",
      },
      /^#1 open 127\.0\.0\.1:5 to ws:\/\/h\/ {2}from http:\/\/o\\u202e {2}chat {2}permessage-deflate {2}3\.00 ms {2}talks\/x\.wsrec$/,
    ],
    [
      {
        event: "refused",
        connection: 1,
        ...asked,
        status: 403,
        error: "no\u001b[2J",
        by: "server",
      },
      /^#1 refused by the server: 403 no␛\[2J 127/,
    ],
    [
      { event: "refused", connection: 1, ...asked, status: 502, error: "gone", by: "proxy" },
      /^#1 failed: 502 gone/,
    ],
    [
      { event: "control", connection: 1, direction: "in", opcode: 9, data: Buffer.from("a") },
      /^#1 ← ping 61$/,
    ],
    [
      { event: "control", connection: 1, direction: "in", opcode: 10, data: Buffer.alloc(0) },
      /^#1 ← pong$/,
    ],
    [
      {
        event: "control",
        connection: 1,
        direction: "in",
        opcode: 8,
        data: Buffer.from([3, 232, 7]),
      },
      /^#1 ← close 1000 "␇"$/,
    ],
    [
      { event: "control", connection: 1, direction: "in", opcode: 8, data: Buffer.from([3]) },
      /^#1 ← close 03$/,
    ],
    [
      { event: "close", connection: 1, by: "server", code: 1008, reason: "\u009b", lasted: 12 },
      /^#1 closed by the server: 1008 "\\u009b" Policy Violation: .*, after 12\.0 ms$/,
    ],
    [
      { event: "close", connection: 1, by: "nobody", code: 1006, reason: "", lasted: 12 },
      /^#1 lost: 1006 Abnormal/,
    ],
    [
      {
        event: "request",
        remote: "r",
        method: "GET",
        target: "http://h/\u0007",
        status: 200,
        took: 3,
      },
      /^GET http:\/\/h\/␇ {2}200 {2}3\.00 ms$/,
    ],
    [
      { event: "tunnel", remote: "r", host: "h:443\u0007", why: "excluded" },
      /^tunnel to h:443␇, not looked into: excluded$/,
    ],
    [{ event: "note", connection: undefined, text: "a\u001bb" }, /^a␛b$/],
    [{ event: "note", connection: 2, text: "rule 1: dropped" }, /^#2 rule 1: dropped$/],
    [
      {
        event: "note",
        connection: 2,
        text: "rule 1: edited",
        instead: { opcode: 1, payload: Buffer.from('{"a":"\u0007"}') },
      },
      /^#2 rule 1: edited, sent instead: \{"a":"␇"\} {2}9 B$/,
    ],
    [
      {
        event: "note",
        connection: 2,
        text: "rule 1: replaced",
        instead: { opcode: 8, payload: Buffer.from("\u0003\u00e8bye", "latin1") },
      },
      /^#2 rule 1: replaced, sent instead: close 1000 "bye"$/,
    ],
  ])("of %j", (event, expected) => {
    const found = eventLine(event, plain);
    expect(found).toMatch(expected);
    expect(found).not.toMatch(obeyed);
  });
});

describe("the views", () => {
  test("say first where it listens, whatever came before", () => {
    const host = fakeHost([]);
    const view = new ProxyTextView(host, { color: true }, undefined);
    view.tell(message("early"));
    expect(host.stdout.text).toBe("");
    view.begin(listening);
    view.ending();
    view.end(stats);
    expect(host.stdout.text).toBe("#3 → early  5 B\n");
    expect(host.stderr.text).toMatch(
      /proxy on ws:\/\/127\.0\.0\.1:8080\/, and for HTTP proxy settings 127\.0\.0\.1:8080\n/,
    );
    expect(host.stderr.text).toContain(
      "1 connection, 2 refused, 1 message to the server (2.00 KiB), 1 back (10 B), recorded in talks, 1 recording incomplete\n",
    );
  });

  test("show messages that match, and everything else", () => {
    const host = fakeHost([]);
    const view = new ProxyTextView(host, { color: true }, parseMatchExpression("$.op"));
    view.begin(listening);
    view.tell(message("plain"));
    view.tell(message('{"op":1}'));
    view.tell(message("x", { data: undefined }));
    view.tell({ event: "note", connection: 1, text: "noted" });
    view.tell({
      event: "control",
      connection: 1,
      direction: "in",
      opcode: 9,
      data: Buffer.alloc(0),
    });
    view.end(stats);
    expect(host.stdout.text.replace(/ {2}[\d.]+ [mµ]?s$/m, "")).toBe(
      '#3 → {"op":1}  8 B\n#1 noted\n',
    );
  });

  test("are quiet when told so", () => {
    for (const View of [ProxyTextView, ProxyJsonView]) {
      const host = fakeHost([]);
      const view = new View(host, { color: true, quiet: true }, undefined);
      view.begin(listening);
      view.tell(message("x"));
      view.ending();
      view.end(stats);
      expect([view.messages, host.stderr.text]).toEqual([false, ""]);
      expect(host.stdout.text.split("\n").length).toBe(View === ProxyJsonView ? 2 : 1);
    }
  });

  test("tell programs the very bytes, in JSON that no terminal obeys", () => {
    const host = fakeHost([]);
    const view = new ProxyJsonView(host, { color: true }, undefined);
    view.begin(listening);
    view.tell(message("\u001b\u009b\u202e"));
    view.tell(message("x", { data: undefined, size: 7 }));
    view.end(stats);
    const lines = host.stdout.text.trimEnd().split("\n");
    expect(lines.filter((each) => obeyed.test(each))).toEqual([]);
    expect(lines.map((each) => JSON.parse(each) as unknown)).toMatchObject([
      { event: "listening", url: listening.url },
      { event: "message", data: "\u001b\u009b\u202e" },
      { event: "message", size: 7, omitted: true },
      { event: "end", opened: 1 },
    ]);
  });
});

test("what a stream does not take is left out and counted, and the rest goes on", () => {
  const listeners: (() => void)[] = [];
  const written: string[] = [];
  const stream = {
    writableLength: 0,
    write(bytes: string | Uint8Array): boolean {
      written.push(Buffer.from(bytes as Uint8Array).toString());
      return stream.writableLength === 0;
    },
    once: (event: string, listener: () => void) =>
      void (event === "drain" && listeners.push(listener)),
    on: () => {},
    off: () => {},
  };
  const feed = new LineFeed(stream, (count) => `… ${count} left out`);
  let drawn = 0;
  const offer = (): void => feed.offer(() => `line ${++drawn} ${"x".repeat(70_000)}`);
  offer();
  stream.writableLength = 9 * 1024 * 1024;
  feed.say("in any case".padEnd(70_000));
  offer();
  offer();
  expect(drawn).toBe(1);
  stream.writableLength = 0;
  for (const listener of listeners.splice(0)) listener();
  offer();
  feed.end();
  expect(
    written
      .join("")
      .split("\n")
      .map((each) => each.slice(0, 12).trim()),
  ).toEqual(["line 1 xxxxx", "in any case", "… 2 left out", "line 2 xxxxx", ""]);
});

import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openHar } from "../../../src/recording/har/har-file.js";
import { socketsOf } from "../../../src/recording/har/socket-entry.js";
import { chromeEntry, harOf, imported, secondsAt } from "./samples.js";

describe("Chrome's HAR", () => {
  test("becomes a recording: messages with their times, and the upgrade with its phases", async () => {
    const rows = [
      { type: "send", time: secondsAt(20), opcode: 1, data: '{"op":"join"}' },
      { type: "receive", time: secondsAt(21.5), opcode: 2, data: "AAEC" },
      { type: "receive", time: secondsAt(1000), opcode: 1, data: "héllo" },
    ];
    const { header, lines, notes } = await imported(harOf([chromeEntry(rows)]));
    expect(header).toEqual({
      wsrec: 1,
      url: "wss://app.example/chat?room=1",
      startedAt: "2026-11-20T20:00:00.000Z",
      tool: "test/1",
      redacted: [],
      importedFrom: "WebInspector 537.36",
    });
    expect(lines).toEqual([
      {
        t: 15,
        k: "upgrade",
        status: 101,
        target: "/chat?room=1",
        request: [
          ["Host", "app.example"],
          ["Upgrade", "websocket"],
          ["X-Twice", "a"],
          ["X-Twice", "b"],
        ],
        response: [
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Protocol", "chat.v2"],
        ],
        phases: { dns: 2, tcp: 5, tls: 3, upgrade: 5 },
      },
      { t: 20, k: "out", op: 1, data: '{"op":"join"}' },
      { t: 21.5, k: "in", op: 2, b64: "AAEC" },
      { t: 1000, k: "in", op: 1, data: "héllo" },
      { t: 1000, k: "end", in: 2, out: 1 },
    ]);
    expect(notes).toEqual([]);
  });

  test("error rows are left out, with a note of what they say", async () => {
    const rows = [
      { type: "send", time: secondsAt(20), opcode: 1, data: "a" },
      { type: "error", time: secondsAt(21), opcode: -1, data: "net::ERR_CONNECTION_RESET" },
      { type: "receive", time: secondsAt(22), opcode: -1, data: "another" },
    ];
    const { lines, notes } = await imported(harOf([chromeEntry(rows)]));
    expect(lines.map(({ k }) => k)).toEqual(["upgrade", "out", "end"]);
    expect(notes).toEqual(["left out: error rows: 2 (“net::ERR_CONNECTION_RESET”)"]);
  });

  test("the clock is that of the first message that is kept and has a time", async () => {
    const rows = [
      { type: "error", time: 0, opcode: -1, data: "a" },
      { type: "receive", time: -1, opcode: 1, data: "b" },
      { type: "receive", time: 12.5, opcode: 1, data: "c" },
      { type: "receive", time: 14.5, opcode: 1, data: "d" },
    ];
    const { lines } = await imported(harOf([chromeEntry(rows)]));
    const times = lines.filter(({ k }) => k === "in").map(({ t }) => t);
    expect(times[2]! - times[1]!).toBe(2000);
    expect(times[0]).toBeLessThan(1000);
  });

  test("what is nested too deeply is left out", async () => {
    const deep = "DEEP";
    const own = { wsrec: 1, url: "ws://h/", startedAt: "2026-11-20T20:00:00.000Z" };
    const row = { type: "receive", opcode: 1, data: "a", _wsctlT: 1, _wsctlLine: { deep } };
    const entry = { ...chromeEntry([row]), _wsctlHeader: own, _wsctlAfter: [{ deep }] };
    const { lines, notes } = await imported(
      Buffer.from(
        harOf([entry])
          .toString()
          .replaceAll('"DEEP"', `${"[".repeat(20_000)}${"]".repeat(20_000)}`),
      ),
    );
    expect(lines.filter(({ k }) => k === "in")).toEqual([]);
    expect(notes.join()).toContain("left out");
  });

  test("a refused upgrade is a recording without messages", async () => {
    const entry = chromeEntry([], { response: { status: 403, headers: [] } });
    const { lines } = await imported(harOf([entry]));
    expect(lines.map(({ k }) => k)).toEqual(["upgrade", "end"]);
    expect(lines[0]).toMatchObject({ status: 403 });
  });

  test("a close frame is a close, whatever is in it", async () => {
    const rows = [
      { type: "receive", time: secondsAt(30), opcode: 8, data: "A+lieWU=" },
      { type: "send", time: secondsAt(31), opcode: 8, data: "" },
    ];
    const { lines } = await imported(harOf([chromeEntry(rows)]));
    expect(lines.slice(1, 3)).toEqual([
      { t: 30, k: "close", by: "server", code: 1001, reason: "bye" },
      { t: 31, k: "close", by: "client", code: 1005, reason: "" },
    ]);
  });

  test("HTTP/2: CONNECT with 200, without its pseudo-headers", async () => {
    const request = {
      method: "CONNECT",
      url: "https://app.example/chat",
      headers: [
        { name: ":protocol", value: "websocket" },
        { name: "origin", value: "https://app.example" },
      ],
    };
    const rows = [{ type: "send", time: secondsAt(50), opcode: 1, data: "a" }];
    const entry = chromeEntry(rows, { request, response: { status: 200, headers: [] } });
    const { header, lines, notes } = await imported(harOf([entry]));
    expect(header.url).toBe("wss://app.example/chat");
    expect(lines[0]).toMatchObject({ status: 200, request: [["origin", "https://app.example"]] });
    expect(notes).toEqual(["the socket was opened over HTTP/2, whose pseudo-headers are left out"]);
  });

  test("only WebSockets are counted, in the order of the file", async () => {
    const page = { request: { url: "https://app.example/" }, response: { status: 200 } };
    const upgraded = {
      request: { url: "http://app.example/other", headers: [] },
      response: { status: 101, headers: [{ name: "upgrade", value: "WebSocket" }] },
    };
    const har = await openHar(harOf([page, chromeEntry([]), page, upgraded]));
    expect(socketsOf(har).map(({ number, url }) => [number, url])).toEqual([
      [1, "wss://app.example/chat?room=1"],
      [2, "ws://app.example/other"],
    ]);
  });
});

describe("times", () => {
  const texts = (times: readonly unknown[]): object[] =>
    times.map((time) => ({ type: "send", time, opcode: 1, data: "x" }));
  const ts = async (
    times: readonly unknown[],
    more: object = {},
  ): Promise<[number[], string[]]> => {
    const { lines, notes } = await imported(harOf([chromeEntry(texts(times), more)]));
    return [lines.filter(({ k }) => k === "out").map(({ t }) => t), notes];
  };

  test("milliseconds, as Playwright writes them, are told from seconds", async () => {
    const at = secondsAt(0) * 1000;
    expect(await ts([at + 100, at + 250.5])).toEqual([[100, 250.5], []]);
  });

  test("-1 means that only the order is known", async () => {
    const [times, notes] = await ts([-1, -1, -1]);
    expect(new Set(times).size).toBe(1);
    expect(notes).toEqual(["messages without a time, of which only the order is known: 3"]);
  });

  test("a message before the start moves the start", async () => {
    const { header, lines } = await imported(
      harOf([chromeEntry(texts([secondsAt(-100), secondsAt(50)]), { timings: {} })]),
    );
    expect(header.startedAt).toBe("2026-11-20T19:59:59.900Z");
    expect(lines.map(({ t }) => t)).toEqual([0, 0, 150, 150]);
  });

  test("another clock begins at 0", async () => {
    const [times, notes] = await ts([12_345.5, 12_346], { timings: {} });
    expect(times).toEqual([0, 500]);
    expect(notes).toEqual(["the messages are dated by another clock: the first is at 0"]);
  });

  test("time never runs backwards", async () => {
    const [times, notes] = await ts([secondsAt(100), secondsAt(90), secondsAt(110)]);
    expect(times).toEqual([100, 100, 110]);
    expect(notes).toEqual(["messages that are dated before the one ahead of them: 1"]);
  });

  test("without any date at all it is still a recording", async () => {
    const entry = chromeEntry(texts(["soon", null]), { startedDateTime: "yesterday", timings: 7 });
    const { header, lines, notes } = await imported(harOf([entry]));
    expect(header.startedAt).toBe("1970-01-01T00:00:00.000Z");
    expect(lines.map(({ t }) => t)).toEqual([0, 0, 0, 0]);
    expect(notes).toContain("when it began is not in the file");
  });
});

describe("payloads", () => {
  const lineOf = async (opcode: unknown, data: unknown): Promise<[unknown, string[]]> => {
    const row = { type: "receive", time: secondsAt(20), opcode, data };
    const { lines, notes } = await imported(harOf([chromeEntry([row])]));
    return [lines[1], notes];
  };

  test("what should be base64 and is not is taken as text", async () => {
    expect(await lineOf(2, "not base64!")).toEqual([
      { t: 20, k: "in", op: 2, b64: Buffer.from("not base64!").toString("base64") },
      ["messages whose data is no base64, taken as text: 1"],
    ]);
  });

  test("base64 without padding, or of the URL's alphabet, is base64", async () => {
    expect((await lineOf(2, "-_8"))[0]).toMatchObject({ b64: "+/8=" });
  });

  test("half a surrogate pair becomes what a text frame could hold", async () => {
    const [line, notes] = await lineOf(1, "a\ud800b");
    expect(line).toMatchObject({ data: "a\ufffdb" });
    expect(notes).toHaveLength(1);
  });

  test.each([
    [0, "a", "rows of an opcode that is no message's"],
    [7, "a", "rows of an opcode that is no message's"],
    ["1", "a", "rows of an opcode that is no message's"],
    [1, undefined, "rows without data"],
    [1, { no: "text" }, "rows without data"],
  ])("opcode %j with %j is left out", async (opcode, data, what) => {
    const [line, notes] = await lineOf(opcode, data);
    expect(line).toMatchObject({ k: "end" });
    expect(notes).toEqual([`left out: ${what}: 1`]);
  });
});

describe("mitmproxy's HAR", () => {
  const entry = {
    startedDateTime: "2026-11-20T20:00:00.250000+00:00",
    time: 12,
    request: {
      method: "GET",
      url: "http://127.0.0.1:8080/chat",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: [{ name: "Host", value: "127.0.0.1:8080" }],
      queryString: [],
      headersSize: 120,
      bodySize: 0,
    },
    response: { status: 101, statusText: "Switching Protocols", headers: [], content: { size: 0 } },
    cache: {},
    timings: { connect: 2, ssl: 5, send: 1, receive: 0, wait: 4 },
    serverIPAddress: "127.0.0.1",
    _resourceType: "websocket",
    _webSocketMessages: [
      { type: "send", time: secondsAt(1250) + 0.0004, opcode: 1, data: "a" },
      { type: "receive", time: secondsAt(1251), opcode: 2, data: "/w==" },
    ],
  };

  test("http becomes ws, and TLS is no part of its connect", async () => {
    const { header, lines } = await imported(harOf([entry], "mitmproxy", "1.2.3"));
    expect(header).toMatchObject({
      url: "ws://127.0.0.1:8080/chat",
      startedAt: "2026-11-20T20:00:00.250Z",
      importedFrom: "mitmproxy 1.2.3",
    });
    expect(lines[0]).toMatchObject({ t: 12, phases: { tcp: 2, tls: 5, upgrade: 5 } });
    expect(lines.slice(1, 3)).toEqual([
      { t: 1000.4, k: "out", op: 1, data: "a" },
      { t: 1001, k: "in", op: 2, b64: "/w==" },
    ]);
  });

  test("the packed form, .zhar, is unpacked", async () => {
    const { lines } = await imported(deflateSync(harOf([entry], "mitmproxy"), { level: 9 }));
    expect(lines).toHaveLength(4);
  });
});

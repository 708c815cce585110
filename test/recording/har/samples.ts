/** Owns HARs in the shapes of the tools that write them, made by hand from their documented fields. */
import { openHar } from "../../../src/recording/har/har-file.js";
import { importSocket } from "../../../src/recording/har/import-har.js";
import { socketsOf } from "../../../src/recording/har/socket-entry.js";
import type { KnownLine, OtherLine, RecordingHeader } from "../../../src/recording/line.js";

/** The file that holds those entries. */
export function harOf(
  entries: readonly object[],
  creator = "WebInspector",
  version = "537.36",
): Buffer {
  const log = { version: "1.2", creator: { name: creator, version }, pages: [], entries };
  return Buffer.from(JSON.stringify({ log }));
}

/** An entry as Chrome writes it. */
export function chromeEntry(rows: readonly unknown[], more: object = {}): object {
  return {
    _initiator: { type: "script", url: "https://app.example/main.js", lineNumber: 3 },
    _priority: null,
    _resourceType: "websocket",
    _webSocketMessages: rows,
    cache: {},
    connection: "231",
    request: {
      method: "GET",
      url: "wss://app.example/chat?room=1",
      httpVersion: "HTTP/1.1",
      headers: [
        { name: "Host", value: "app.example" },
        { name: "Upgrade", value: "websocket" },
        { name: "X-Twice", value: "a" },
        { name: "X-Twice", value: "b" },
      ],
      queryString: [{ name: "room", value: "1" }],
      cookies: [],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 101,
      statusText: "Switching Protocols",
      httpVersion: "HTTP/1.1",
      headers: [
        { name: "Upgrade", value: "websocket" },
        { name: "Sec-WebSocket-Protocol", value: "chat.v2" },
      ],
      cookies: [],
      content: { size: 0, mimeType: "x-unknown" },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
      _transferSize: 0,
      _error: null,
    },
    serverIPAddress: "203.0.113.7",
    startedDateTime: "2026-11-20T20:00:00.000Z",
    time: 9000,
    timings: {
      blocked: 1.5,
      dns: 2,
      ssl: 3,
      connect: 8,
      send: 0.5,
      wait: 4.5,
      receive: 8982,
      _blocked_queueing: -1,
    },
    ...more,
  };
}

/** Seconds since 1970 of so many ms after those entries began. */
export function secondsAt(ms: number): number {
  return (Date.UTC(2026, 10, 20, 20) + ms) / 1000;
}

/** What came of an import. */
export interface Imported {
  readonly header: RecordingHeader;
  readonly lines: (KnownLine | OtherLine)[];
  readonly notes: string[];
}

/** Imports one WebSocket of a HAR, its first unless told. */
export async function imported(
  source: string | Buffer,
  { entry = 1, salvage = false } = {},
): Promise<Imported> {
  const har = await openHar(source);
  try {
    const socket = socketsOf(har)[entry - 1]!;
    const made = await importSocket(har, socket, { tool: "test/1", salvage });
    const all: (KnownLine | OtherLine)[] = [];
    for await (const line of made.lines) all.push(line);
    return { header: made.header, lines: all, notes: made.notes() };
  } finally {
    har.close();
  }
}

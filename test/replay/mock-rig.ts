/** Owns the recordings that tests of the mock server write, and the mock that plays them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { compileCapture } from "../../src/message/capture.js";
import { IgnoredPaths } from "../../src/replay/ignore.js";
import { MockLookup } from "../../src/replay/mock-lookup.js";
import { createMock, type Mock, type MockNote } from "../../src/replay/mock-mode.js";
import { readTakes } from "../../src/replay/mock-take.js";
import { start } from "../serve/running.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-mock-"));
let count = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line without its time, which `recording` gives it unless it has one. */
export type Line = Readonly<Record<string, unknown>>;

export const out = (data: unknown, more: Line = {}): Line => ({
  k: "out",
  ...content(data),
  ...more,
});
export const into = (data: unknown, more: Line = {}): Line => ({
  k: "in",
  ...content(data),
  ...more,
});
export const serverCloses = (code: number, reason = ""): Line => ({
  k: "close",
  by: "server",
  code,
  reason,
});

/** An upgrade to that target, with the subprotocol that was agreed. */
export function upgrade(target = "/", subprotocol = "", more: Line = {}): Line {
  return {
    k: "upgrade",
    status: 101,
    target,
    request: [["Host", "h"]],
    response: subprotocol === "" ? [] : [["Sec-WebSocket-Protocol", subprotocol]],
    ...more,
  };
}

function content(data: unknown): Line {
  if (Buffer.isBuffer(data)) return { op: 2, b64: data.toString("base64") };
  return { op: 1, data: typeof data === "string" ? data : JSON.stringify(data) };
}

/** A recording in a file of its own; a line every 10 ms unless it says when. */
export function recording(lines: readonly Line[], { url = "ws://h/", name = "" } = {}): string {
  const header = {
    wsrec: 1,
    url,
    startedAt: "2026-01-01T00:00:00.000Z",
    tool: "test",
    redacted: [],
  };
  const written = lines.map((line, index) => ({ t: (index + 1) * 10, ...line }));
  return fileOf([header, ...written].map((line) => `${JSON.stringify(line)}\n`).join(""), name);
}

/** A file with that text. */
export function fileOf(text: string | Buffer, name = ""): string {
  const file = path.join(folder, name || `talk-${++count}.wsrec`);
  writeFileSync(file, text);
  return file;
}

/** How a mock is to play. */
export interface Playing {
  readonly speed?: number;
  readonly idleCap?: number;
  readonly detect?: boolean;
  /** Paths of values that are carried. */
  readonly captures?: readonly string[];
  readonly match?: boolean;
  readonly ignore?: readonly string[];
  readonly compress?: boolean;
}

/** A mock server at work; everything at once unless told. */
export async function play(files: readonly string[], playing: Playing = {}) {
  const { speed = Infinity, idleCap, detect = false, captures = [], match = false } = playing;
  const ignored = new IgnoredPaths(playing.ignore ?? []);
  const notes: MockNote[] = [];
  const takes = await readTakes(files, match ? { lookup: () => new MockLookup(ignored) } : {});
  const mock: Mock = createMock({
    takes,
    carry: { detect, named: captures.map((json) => compileCapture({ json, as: "value" })) },
    pace: { speed, idleCap },
    matches: match,
    tell: (note) => void notes.push(note),
  });
  const server = await start({
    mode: mock.mode,
    guards: [mock.guard],
    subprotocols: mock.subprotocols,
    maxPayload: 2 ** 24,
    compress: playing.compress ?? false,
  });
  return { server, url: server.url, mock, notes };
}

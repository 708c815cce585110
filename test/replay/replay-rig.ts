/** Owns what tests of replaying share: servers that answer as told, recordings in memory, options. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { parseTarget } from "../../src/dial/target.js";
import type { UpgradeLine } from "../../src/recording/line.js";
import { readRecording } from "../../src/recording/reader.js";
import { recordedRequest } from "../../src/replay/recorded-request.js";
import { replay } from "../../src/replay/replay.js";
import type { ReplayInput, ReplayOptions } from "../../src/replay/replay-options.js";
import type { ReplayResult } from "../../src/replay/result.js";
import { survey } from "../../src/replay/survey.js";

const servers = new Set<WebSocketServer>();

afterEach(async () => {
  for (const server of servers) {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
});

/** A server of `ws` that does with each client as told. */
export async function startServer(
  onClient: (client: WebSocket, url: string) => void,
  options: { readonly protocols?: readonly string[] } = {},
): Promise<string> {
  const { protocols } = options;
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    ...(protocols ? { handleProtocols: () => protocols[0] ?? false } : {}),
  });
  servers.add(server);
  server.on("connection", (client, request) => {
    client.on("error", () => client.terminate());
    onClient(client, request.url ?? "");
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Lines of a recording; `t` counts up by `step` ms unless a line has its own. */
export function recording(lines: readonly object[], step = 1, header: object = {}): string {
  const all = [
    {
      wsrec: 1,
      url: "",
      startedAt: "2026-01-01T00:00:00.000Z",
      tool: "t",
      redacted: [],
      ...header,
    },
    ...lines.map((line, index) => ({ t: index * step, ...line })),
  ];
  return all.map((line) => `${JSON.stringify(line)}\n`).join("");
}

export const upgrade = { k: "upgrade", status: 101, request: [], response: [] };
export const sent = (data: unknown, more: object = {}) => ({
  k: "out",
  op: 1,
  data: text(data),
  ...more,
});
export const came = (data: unknown, more: object = {}) => ({
  k: "in",
  op: 1,
  data: text(data),
  ...more,
});
export const closed = (by: string, code = 1000, reason = "") => ({ k: "close", by, code, reason });

/** What a message of `ws` holds: it hands over a buffer unless told otherwise. */
export function textOf(data: RawData): string {
  return (data as Buffer).toString("utf8");
}

function text(data: unknown): string {
  return typeof data === "string" ? data : JSON.stringify(data);
}

async function* pieces(content: string): AsyncIterable<Buffer> {
  yield Buffer.from(content);
}

/** What a test says of a replay. */
export type Wishes = Partial<ReplayOptions> & { readonly detect?: boolean };

const usual: ReplayOptions = {
  tool: "wsctl/test",
  startedAt: new Date(0),
  pace: { kind: "gated" },
  idleCap: Infinity,
  wait: 250,
  gateTimeout: 300,
  ordered: true,
  ignore: [],
  ignoreValues: [],
  captures: [],
  variables: new Map(),
};

/** Opens again with the recorded headers. */
function sessionTo(url: string): ReplayInput["session"] {
  return (line: UpgradeLine | undefined) => ({
    target: parseTarget(url),
    dial: { request: { ...recordedRequest(line ?? { request: [] }) } },
    compression: undefined,
    maxPayload: 16 * 1024 * 1024,
    reconnect: undefined,
    preamble: [],
    ping: undefined,
    autoReplies: [],
  });
}

/** Replays recordings that are in memory. */
export async function replayed(
  url: string,
  contents: string | readonly string[],
  { detect = false, ...wishes }: Wishes = {},
): Promise<ReplayResult> {
  const all = typeof contents === "string" ? [contents] : contents;
  const inputs = await Promise.all(
    all.map(async (content, index): Promise<ReplayInput> => {
      const found = await survey(readRecording(pieces(content)), { detects: detect });
      return {
        name: `${index}.wsrec`,
        url,
        recorded: readRecording(pieces(content)),
        survey: found,
        session: sessionTo(url),
      };
    }),
  );
  return replay(inputs, { ...usual, ...wishes });
}

/** Replays a file, and accepts what comes into it. */
export async function updated(
  url: string,
  file: string,
  content: string,
  update: NonNullable<ReplayInput["update"]>["redactor"],
  { detect = false, ...wishes }: Wishes = {},
): Promise<ReplayResult> {
  await writeFile(file, content);
  const found = await survey(readRecording(file), { detects: detect });
  const input: ReplayInput = {
    name: file,
    url,
    recorded: readRecording(file, { comments: true }),
    survey: found,
    session: sessionTo(url),
    update: { path: file, redactor: update },
  };
  return replay([input], { ...usual, ...wishes });
}

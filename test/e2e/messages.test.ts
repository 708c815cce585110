/** Shows that what is sent is what the flags say: contents, order, kind and number. */
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson, total } from "./load-run.js";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "wsctl-messages-"));
});
afterAll(async () => rm(directory, { recursive: true }));

/** An echo server that keeps every message of every connection, as `text:…` or as `binary:hex`. */
async function recordingServer() {
  const server = await startWsEcho();
  const said: string[][] = [];
  server.wss.on("connection", (socket) => {
    const own: string[] = [];
    said.push(own);
    socket.on("message", (data: Buffer, binary) =>
      own.push(binary ? `binary:${data.toString("hex")}` : `text:${data.toString()}`),
    );
  });
  return { url: server.url, said };
}

test("two messages are sent in turn, in order, on every connection", async () => {
  const { url, said } = await recordingServer();
  const messages = ["-m", "grüße", "-m", "two"];
  const { result } = await loadJson([url, "-c", "2", "-R", "100", "-d", "500ms", ...messages]);
  expect(said).toHaveLength(2);
  const turn = Array.from({ length: 25 }, (_, i) => (i % 2 === 0 ? "text:grüße" : "text:two"));
  expect(said).toEqual([turn, turn]);
  expect(result.conservation).toMatchObject({ expected: 50, answered: 50 });
});

test("first messages are sent once on each connection, before all others, and expect no reply", async () => {
  const { url, said } = await recordingServer();
  const first = ["--first-message", "hello", "--first-message", "again"];
  const { result } = await loadJson([
    url,
    "-c",
    "3",
    "-R",
    "90",
    "-d",
    "500ms",
    "-m",
    "x",
    ...first,
  ]);
  expect(said).toHaveLength(3);
  for (const own of said) {
    expect(own.slice(0, 2)).toEqual(["text:hello", "text:again"]);
    expect(own.slice(2)).toEqual(Array.from({ length: 15 }, () => "text:x"));
  }
  expectConserved(result);
  expect(result.conservation).toMatchObject({ expected: 45, answered: 45 });
  expect(total(result, "ws_msgs_sent")).toBe(51);
  expect(total(result, "ws_msg_unmatched")).toBe(6);
});

describe("@file", () => {
  const two = ["-c", "1", "-R", "10", "-d", "200ms"];

  async function file(name: string, bytes: Buffer | string): Promise<string> {
    const full = path.join(directory, name);
    await writeFile(full, bytes);
    return `@${full}`;
  }

  test("with --binary sends every byte that the file holds", async () => {
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
      Buffer.from("\r\n\n"),
    ]);
    const at = await file("bytes", bytes);
    const { url, said } = await recordingServer();
    await loadJson([url, ...two, "--binary", "-m", at, "--first-message", at]);
    const message = `binary:${bytes.toString("hex")}`;
    expect(said).toEqual([[message, message, message]]);
  });

  test.each([
    ["line breaks at the end", "\ufefffrom ä file\r\n\n"],
    ["nothing in it", ""],
  ])("sends text with %s as it is", async (_what, text) => {
    const at = await file("text", text);
    const { url, said } = await recordingServer();
    await loadJson([url, ...two, "-m", at]);
    expect(said).toEqual([[`text:${text}`, `text:${text}`]]);
  });

  test("that is not UTF-8 is no text message", async () => {
    const at = await file("latin1", Buffer.of(0x67, 0xfc, 0x6e));
    for (const flag of ["-m", "--first-message"]) {
      const { code, stdout, stderr } = await runWsctl(["load", "ws://127.0.0.1:1/", flag, at]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/latin1 is not UTF-8.*\[WSCTL_EUSAGE\]\nhint: .*--binary/);
    }
  });
});

test("--binary sends text as a binary message", async () => {
  const { url, said } = await recordingServer();
  await loadJson([url, "-c", "1", "-R", "10", "-d", "200ms", "--binary", "-m", "ü"]);
  expect(said).toEqual([["binary:c3bc", "binary:c3bc"]]);
});

test("--size makes messages of that size, text or binary", async () => {
  const { url, said } = await recordingServer();
  const args = [url, "-c", "1", "-R", "10", "-d", "200ms", "--size"];
  await loadJson([...args, "0"]);
  await loadJson([...args, "1KiB", "--binary"]);
  expect(said.map((own) => own.map((message) => message.length))).toEqual([
    [5, 5],
    [7 + 2048, 7 + 2048],
  ]);
  expect(said[0]![0]).toBe("text:");
});

test("a rate of 0 sends nothing", async () => {
  const { url, said } = await recordingServer();
  const { code, result } = await loadJson([url, "-c", "5", "-r", "0", "-d", "300ms"]);
  expect(code).toBe(0);
  expect(said).toEqual([[], [], [], [], []]);
  expect(result.run.model).toBe("idle");
  expect(result.totals).toMatchObject({ ws_sessions: 5, "ws_close{by:client,code:1000}": 5 });
});

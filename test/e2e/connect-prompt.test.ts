/** Shows that a terminal gets a prompt, and nothing else does. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { typed } from "./connect-run.js";
import { refusingPort } from "./raw-server.js";

let state = "";
beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "wsctl-state-"));
});
afterAll(async () => rm(state, { recursive: true }));

const ctrlD = "\x04";

test("what is typed is sent, its answer shown, and it ends with 0", async () => {
  await using server = await startWsEcho();
  const heard: string[] = [];
  server.wss.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
  });
  const env = { XDG_STATE_HOME: state };
  const steps = [
    [/ open/, "hello\r"],
    [/#2/, "/curl\r"],
    [/curl --include/, ctrlD],
  ] as const;
  const { code, stdout } = await typed([server.url, "--bearer", "s3cret"], steps, env);
  expect([code, heard]).toEqual([0, ["hello"]]);
  expect(stdout).not.toContain("s3cret");
  const file = path.join(state, "wsctl", "history");
  expect(await readFile(file, "utf8")).toContain("hello");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("--no-history keeps none", async () => {
  await using server = await startWsEcho();
  const elsewhere = path.join(state, "none");
  const steps = [
    [/ open/, "hello\r"],
    [/#2/, ctrlD],
  ] as const;
  const { code } = await typed([server.url, "--no-history"], steps, { XDG_STATE_HOME: elsewhere });
  expect([code, existsSync(elsewhere)]).toEqual([0, false]);
});

test("credentials do not follow to another server", async () => {
  await using server = await startWsEcho();
  await using other = await startWsEcho();
  const seen: (string | undefined)[] = [];
  for (const one of [server, other]) {
    one.wss.on("connection", (_socket, request: IncomingMessage) => {
      seen.push(request.headers.authorization);
    });
  }
  const steps = [
    [/ open/, `/connect ${server.url}again\r`],
    [/ open[^]* open/, `/connect ${other.url}\r`],
    [/ open[^]* open[^]* open/, ctrlD],
  ] as const;
  const { code } = await typed([server.url, "--bearer", "s3cret", "--no-history"], steps);
  expect([code, seen]).toEqual([0, ["Bearer s3cret", "Bearer s3cret", undefined]]);
});

test("neither does what was to be said to the first, and the address is warned of before", async () => {
  await using server = await startWsEcho();
  await using other = await startWsEcho();
  const heard: string[] = [];
  other.wss.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    socket.send("who?");
  });
  const steps = [
    [/ open/, `/connect ${other.url}?token=abc\r`],
    [/ open[^]* open[^]*who\?/, "/ping\r"],
    [/pong after/, ctrlD],
  ] as const;
  const words = ["--first-message", "s3cret", "--auto-reply", "who => s3cret"];
  const { code, stdout } = await typed([server.url, ...words, "--no-history"], steps);
  expect([code, heard]).toEqual([0, []]);
  expect(stdout).toMatch(/ open[^]*a secret rides in the URL \(token\)[^]*connecting to[^]* open/);
});

test("-P shows pings and pongs", async () => {
  await using server = await startWsEcho();
  server.wss.on("connection", (socket) => socket.ping("are you there"));
  const steps = [[/← .*ping.*are you there[^]*→ .*pong/, ctrlD]] as const;
  const { code } = await typed([server.url, "-P", "--no-history"], steps);
  expect(code).toBe(0);
});

test("a terminal whose cursor cannot be moved gets lines and no prompt", async () => {
  await using server = await startWsEcho();
  const steps = [
    [/connected/, "hello\r"],
    [/hello[^]*hello/, ctrlD],
  ] as const;
  const { code, stdout } = await typed([server.url, "-v", "-w", "100ms"], steps, { TERM: "dumb" });
  expect(code).toBe(0);
  expect(stdout).not.toContain("\x1b");
});

test("a connection that cannot be opened ends it, and says why", async () => {
  const { code, stdout } = await typed([`ws://127.0.0.1:${await refusingPort()}/`], []);
  expect([code, stdout]).toEqual([3, expect.stringContaining("[WSCTL_EREFUSED]")]);
});

test("without a terminal nothing is asked: a user without a password is an error", async () => {
  const { code, stderr } = await runWsctl(["connect", "ws://127.0.0.1:1/", "--bearer", "prompt"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("stdin is no terminal")]);
});

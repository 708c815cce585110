/** Shows that `wsctl proxy` comes to its end, and its recordings to theirs, whoever stops to read. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { startWsEcho } from "../support/servers.js";
import { connect, startProxy } from "./proxy-run.js";

const program = path.resolve(import.meta.dirname, "../../bin/wsctl.js");
const folder = mkdtempSync(path.join(tmpdir(), "wsctl-leaving-"));
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A proxy whose first line was read, and no more. */
async function started(...flags: readonly string[]) {
  const server = await startWsEcho();
  const args = [program, "proxy", "--port", "0", "--json", "--target", server.url, ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  child.stdout.pause();
  return { child, url: (JSON.parse(first.toString()) as { url: string }).url };
}

test("recordings are ended in good order when the reader leaves", async () => {
  const talks = path.join(folder, "talks");
  const { child, url } = await started("--record", talks);
  const { socket } = await connect(url);
  const ended = once(child, "exit");
  child.stdout.destroy();
  // The next lines meet nobody.
  socket.send("one");
  socket.send("two");
  expect(await ended).toEqual([0, null]);
  const [file] = readdirSync(talks);
  const lines = readFileSync(path.join(talks, file!), "utf8").trimEnd().split("\n");
  const kinds = lines.map((line) => (JSON.parse(line) as { k?: string }).k);
  expect(kinds.slice(-2)).toEqual(["close", "end"]);
});

test("Ctrl-C ends it though nobody reads what it wrote", async () => {
  const { child, url } = await started();
  const { socket, got } = await connect(url, { perMessageDeflate: false });
  const text = "x".repeat(100_000);
  for (let count = 0; count < 20; count++) socket.send(text);
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(20);
  const ended = once(child, "exit");
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
});

test("a CA that is damaged does not stop a proxy that can do without", async () => {
  const directory = path.join(folder, "wsctl", "ca");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, "proxy-ca-key.pem"), "damaged");
  const server = await startWsEcho();
  const env = { XDG_DATA_HOME: folder };
  const { stop } = await startProxy(["--target", server.url, "--forward"], env);
  const { code, stderr } = await stop();
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^warning: .*proxy-ca-key\.pem cannot be used.*passes unseen\n$/),
  ]);
});

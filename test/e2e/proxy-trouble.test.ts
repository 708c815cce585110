/** Shows what `wsctl proxy` tells of trouble: faults that strike, recordings that fail, an output that is full. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { exitWithin, startChild } from "../support/child.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { connect, startProxy } from "./proxy-run.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "wsctl-trouble-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a fault that strikes is told while it does, the first times, and how often in all", async () => {
  const server = await startWsEcho();
  const args = ["--target", server.url, "--fault", "dup,p=100%"];
  const { listening, stop } = await startProxy(args);
  const client = await connect(listening.url);
  for (let n = 0; n < 15; n++) client.socket.send(`${n}`);
  for (let tries = 0; client.got.length < 30 && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  client.socket.close();
  const { lines } = await stop();
  const told = lines.flatMap(({ event, text }) => (event === "note" ? [String(text)] : []));
  expect(told.filter((text) => text.startsWith("fault dup: "))).toHaveLength(11);
  expect(told.at(-1)).toMatch(/^fault dup: struck 15 times in all$/);
});

test("with --quiet, a recording that cannot be written is an error on stderr", async () => {
  const server = await startWsEcho();
  const record = path.join(folder, "gone");
  const { listening, stop } = await startProxy(["--target", server.url, "--record", record, "-q"]);
  rmSync(record, { recursive: true });
  const client = await connect(listening.url);
  expect(await client.ask("a")).toBe("a");
  const { code, stderr } = await stop();
  expect(code).toBe(1);
  expect(stderr).toContain("error: #1 this connection is not recorded");
  expect(stderr).toContain("error: 1 recording is incomplete");
});

test.skipIf(!existsSync("/dev/full"))(
  "where the output is full, connections and recordings go on, and it is said once",
  { timeout: 30_000 },
  async () => {
    const server = await startWsEcho();
    const record = path.join(folder, "talks");
    const script = `exec "$0" bin/wsctl.js "$@" >/dev/full`;
    const args = ["proxy", "--port", "0", "--target", server.url, "--record", record, "--no-color"];
    const child = startChild("bash", ["-c", script, process.execPath, ...args], { cwd: root });
    let url: string | undefined;
    for (let tries = 0; url === undefined && tries < 500; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      [url] = /ws:\/\/127\.0\.0\.1:\d+\//.exec(child.output.stderr) ?? [];
    }
    const client = await connect(url!);
    for (const word of ["one", "two", "three"]) expect(await client.ask(word)).toBe(word);
    client.socket.close();
    child.kill("SIGINT");
    const { code, stderr } = await exitWithin(child, 10_000);
    expect(code).toBe(1);
    expect(stderr.match(/cannot write the output/g)).toHaveLength(1);
    const [file] = readdirSync(record);
    const text = readFileSync(path.join(record, file!), "utf8");
    expect(text).toContain('"data":"three"');
    expect(text).toContain('"k":"end"');
  },
);

test("what would do nothing is refused", async () => {
  for (const [args, said] of [
    [["--target", "ws://127.0.0.1:1", "--only", "a.example"], "--only says nothing"],
    [["--target", "ws://127.0.0.1:1", "--rule", "in:x=>drop"], "=> wants a space on either side"],
  ] as const) {
    const { code, stderr } = await runWsctl(["proxy", "--port", "0", ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said) as string]);
  }
});

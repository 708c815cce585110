/** Shows the log: the ring that forgets the oldest, what is told of it, and the file that keeps all. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { LogFile } from "../../src/serve/log-file.js";
import { MessageRing } from "../../src/serve/message-log.js";
import { http, start, until } from "./running.js";

const directories: string[] = [];

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

function unexpected(why: string): void {
  throw new Error(why);
}

function entry(sequence: number, run?: string) {
  return { connection: 1, run, sequence, arrived: sequence, delay: 0, left: sequence + 0.5 };
}

test("keeps the newest, numbered in order", () => {
  const ring = new MessageRing({ now: () => 0, capacity: 3 });
  for (let n = 0; n < 5; n++) ring.add(entry(n, n % 2 ? "odd" : "even"));
  const numbers = (query: { run?: string; since?: number; limit?: number }) =>
    ring.read({ since: 0, limit: 100, ...query }).map(({ n }) => n);
  expect(numbers({})).toEqual([3, 4, 5]);
  expect(numbers({ since: 4 })).toEqual([5]);
  expect(numbers({ since: 5 })).toEqual([]);
  expect(numbers({ limit: 2 })).toEqual([3, 4]);
  expect(numbers({ run: "odd" })).toEqual([4]);
  expect(numbers({ run: "nobody" })).toEqual([]);
});

test("is told as JSON lines at the control port, page by page", async () => {
  const log = new MessageRing({ now: () => 0 });
  const server = await start({ log });
  for (let n = 0; n < 2500; n++) log.add(entry(n, "r"));
  const read: unknown[] = [];
  for (let since = 0, more = true; more;) {
    const { status, headers, body } = await http(`${server.control}/log?run=r&since=${since}`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/x-ndjson");
    const page = body
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { n: number; sequence: number });
    read.push(...page.map(({ sequence }) => sequence));
    since = page.at(-1)?.n ?? since;
    more = page.length > 0;
  }
  expect(read).toEqual(Array.from({ length: 2500 }, (_, n) => n));
  for (const query of ["since=-1", "since=x", "limit=100000", "limit=1e3"]) {
    expect((await http(`${server.control}/log?${query}`)).status).toBe(400);
  }
});

test("a file keeps every entry, appended to what it held", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "wsctl-log-"));
  directories.push(directory);
  const name = path.join(directory, "log.jsonl");
  for (const round of [0, 1]) {
    const file = await LogFile.open(name, unexpected);
    const ring = new MessageRing({ now: () => 0, capacity: 10, wanted: true, sink: file });
    expect(ring.wanted).toBe(true);
    for (let n = 0; n < 5000; n++) ring.add(entry(round * 5000 + n));
    await file.close();
  }
  const lines = (await readFile(name, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual(
    Array.from({ length: 10_000 }, (_, n) => n),
  );
});

test("a file that cannot be written is a mistake of who named it", async () => {
  await expect(LogFile.open("/nowhere/at/all", unexpected)).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
    message: "cannot write /nowhere/at/all: ENOENT",
  });
});

test.skipIf(!existsSync("/dev/full"))("a file that is full is told of once", async () => {
  const told: string[] = [];
  const file = await LogFile.open("/dev/full", (why) => void told.push(why));
  for (let n = 0; n < 5000; n++) file.add({ n, ...entry(n) });
  await until("it is told", () => told.length > 0);
  for (let n = 0; n < 5000; n++) file.add({ n, ...entry(n) });
  await file.close();
  expect(told).toEqual(["cannot write /dev/full: ENOSPC"]);
});

/**
 * Shows that `wsctl load` refuses malformed files, written by hand, generated from the gallery and built
 * to take long: exit 2, each mistake with file, line and column, no worker is started, no connection is
 * opened, and each takes but a few times what reading a plain file of that size takes, which comes to
 * less than a second.
 */
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { Random, seedOf } from "../../src/base/random.js";
import { malformed } from "../scenario/malformed.js";
import { slowFiles } from "../scenario/slow-files.js";
import { wsctl } from "./fake-host.js";
import { fileWith, newFolder, sound, wrong } from "./scenario-files.js";

const workers = vi.hoisted(() => ({ started: 0 }));

vi.mock("../../src/cluster/ipc.js", async () => {
  const { FakeTransport } = await import("../cluster/fake-workers.js");
  const { doneWith, openedOf } = await import("../cluster/fake-workers.js");
  class IpcTransport extends FakeTransport {
    constructor() {
      super((worker, message) => {
        workers.started++;
        worker.say(message.type === "plan" ? openedOf(1) : doneWith({ ws_sessions: 1 }));
      });
    }
  }
  return { IpcTransport };
});

const gallery = fileURLToPath(new URL("../../scenarios", import.meta.url));

/** The server that all the files name as their target. */
let server: net.Server;
let connections = 0;

async function target(): Promise<string> {
  // What all of them need once, such as the schema, is none's own.
  await wsctl(["load", fileWith(wrong), "-q"]);
  slowest = { what: "", ratio: 0 };
  quickest = await plainNow();
  connections = 0;
  workers.started = 0;
  server = net.createServer((socket) => {
    connections++;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(() => {
  server.close();
});

/** A mistake as it is told. */
interface Told {
  readonly line: number;
  readonly column: number;
  readonly words: string;
}

/**
 * What the slowest of all files took, as a multiple of what {@link plain} takes: a processor that is
 * slowed from outside is so for both.
 */
let slowest = { what: "", ratio: 0 };

/** A file as large as may be read, with nothing in it that takes long. */
const plain = `a:\n${"  - { b: c, d: e }\n".repeat(99_500 / 12)}`;

/** The least that {@link plain} took, in ms. */
let quickest = Infinity;

/**
 * A file may take this many times what the YAML library alone takes for {@link plain}: that is a second
 * of a processor on the machine that the limit was set on.
 */
const longest = 7;

/** What it takes of a processor, in ms, and what it gave. */
async function costOf<T>(work: () => T): Promise<{ took: number; gave: Awaited<T> }> {
  const before = process.cpuUsage();
  const gave = await work();
  const { user, system } = process.cpuUsage(before);
  return { took: (user + system) / 1000, gave };
}

/** The least that {@link plain} takes now, in ms: what holds it up now and then is no measure. */
async function plainNow(): Promise<number> {
  let least = Infinity;
  for (let left = 3; left > 0; left--) {
    least = Math.min(least, (await costOf(() => parse(plain))).took);
  }
  return least;
}

/** What shares its processor with others takes longer now and then; what is slow is so each time. */
const measurings = 6;

/** Runs it; what it came to, and what it took at least, held against {@link plain} in the same moments. */
async function measured(file: string) {
  let least = Infinity;
  let usual = quickest;
  for (let left = measurings; ;) {
    const { took, gave } = await costOf(() => wsctl(["load", file, "-q", "--workers", "1"]));
    least = Math.min(least, took);
    const ratio = least / usual;
    if (ratio < longest || gave.code !== 2 || --left === 0) return { ...gave, ratio };
    const now = await plainNow();
    usual = left === measurings - 1 ? now : Math.min(usual, now);
  }
}

/** Runs it; the mistakes that were told, none when it was taken for a sound scenario. */
async function refused(file: string, what: string): Promise<Told[]> {
  workers.started = 0;
  const { code, stdout, stderr, ratio } = await measured(file);
  if (code === 2 && ratio > slowest.ratio) slowest = { what, ratio };
  if (code !== 2) return [];
  expect([stdout, connections, workers.started], what).toEqual(["", 0, 0]);
  const name = path.basename(file).replaceAll(".", "\\.");
  const places = new RegExp(`^(?:error: |  )\\S*${name}:(\\d+):(\\d+): (.*)$`, "gm");
  const told = [...stderr.matchAll(places)].map(([, line, column, words = ""]) => ({
    line: Number(line),
    column: Number(column),
    words,
  }));
  expect(told.length, `${what}: ${stderr}`).toBeGreaterThan(0);
  expect(stderr, what).toContain("[WSCTL_EUSAGE]");
  expect(stderr, what).not.toContain("s3cret");
  expect(stderr, what).not.toMatch(/undefined|\[object|NaN|^ +at /m);
  return told;
}

/** Those that are wrong in themselves, each run with a sound one's target. */
async function byHand(at: string): Promise<number> {
  const folder = newFolder();
  fileWith("name,token\nann,t1\nbob,t2\n", "users.csv", folder);
  fileWith("a", "users.txt", folder);
  for (const { what, text } of malformed) {
    const aimed = text.replaceAll("127.0.0.1:1/", at);
    const before = aimed.slice(0, aimed.indexOf("¦")).split("\n");
    const told = await refused(fileWith(aimed.replace("¦", ""), "load.yaml", folder), what);
    const places = told.map(({ line, column }) => `${line}:${column}`);
    expect(places, what).toContain(`${before.length}:${before.at(-1)!.length + 1}`);
  }
  return malformed.length;
}

type Key = string | number;

/** The paths of all members and items; within a payload anything goes. */
function pathsOf(value: unknown, at: readonly Key[] = []): (readonly Key[])[] {
  if (typeof value !== "object" || value === null || at.at(-1) === "json") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = at.concat(Array.isArray(value) ? Number(key) : key);
    return pathsOf(inner, here).concat([here]);
  });
}

const wrongValues: readonly unknown[] = [[[]], { no: { such: "thing" } }, -1, "¿?", null, 1e300];
/** At the end of a key, this makes one that nobody knows. */
const tail = "zzz";

/** A copy with one thing spoilt; the key that was renamed, if one was. */
function spoilt(text: string, random: Random): { text: string; what: string; key?: string } {
  const document: unknown = parse(text);
  const paths = pathsOf(document);
  const at = paths[random.int(0, paths.length - 1)]!;
  const key = at.at(-1)!;
  const parent = at
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as Record<Key, unknown>)[step], document);
  const map = parent as Record<Key, unknown>;
  const what = at.join(".");
  if (Array.isArray(parent) || random.int(0, 1) === 0) {
    map[key] = wrongValues[random.int(0, wrongValues.length - 1)];
    return { text: stringify(document), what: `${what} retyped` };
  }
  map[`${key}${tail}`] = map[key];
  delete map[key];
  return { text: stringify(document), what: `${what} renamed`, key: `${key}${tail}` };
}

/** Mutations of the scenarios to copy. Seeded: the same each time. */
async function generated(at: string, rounds: number): Promise<number> {
  const folder = newFolder();
  cpSync(gallery, folder, { recursive: true });
  const sources = readdirSync(gallery)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => readFileSync(path.join(gallery, file), "utf8"));
  const random = new Random(seedOf("malformed files"));
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    const source = sources[round % sources.length]!.replace(/target: .*/, `target: ws://${at}`);
    const { text, what, key } = spoilt(source, random);
    const told = await refused(fileWith(text, "load.yaml", folder), what);
    if (told.length === 0) continue;
    count++;
    const lines = text.split("\n");
    for (const { line, column, words } of told) {
      expect(lines[line - 1], `${what}: ${words}`).toBeDefined();
      expect(column, what).toBeGreaterThan(0);
      expect(column, what).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      if (key !== undefined && words.includes(`"${key}"`)) {
        expect(lines[line - 1]!.slice(column - 1), what).toMatch(new RegExp(`^["']?.*${tail}`));
      }
    }
  }
  return count;
}

test("200 malformed files: a line for each mistake, and no connection", async () => {
  const at = await target();
  const written = await byHand(at);
  const made = await generated(at, 170);
  expect(written).toBeGreaterThan(100);
  expect(made).toBeGreaterThan(100);
  expect(written + made).toBeGreaterThan(200);
  expect(slowest.ratio, slowest.what).toBeLessThan(longest);
}, 120_000);

test("files built to take long: refused in a few times what a plain one takes to read", async () => {
  await target();
  for (const { what, text, beside } of slowFiles) {
    const folder = newFolder();
    for (const [name, content] of Object.entries(beside)) fileWith(content, name, folder);
    const told = await refused(fileWith(text, "load.yaml", folder), what);
    expect(told.length, what).toBeGreaterThan(0);
    // Not all at the end: a test that runs out of time would not say which it was.
    expect(slowest.ratio, slowest.what).toBeLessThan(longest);
    rmSync(folder, { recursive: true });
  }
}, 120_000);

test("a sound file does start a worker", async () => {
  await target();
  const { code } = await wsctl(["load", fileWith(sound), "-q", "--workers", "1"]);
  expect([code === 2, workers.started > 0]).toEqual([false, true]);
});

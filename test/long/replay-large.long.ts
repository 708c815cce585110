/**
 * Shows that a recording of 2 GiB is replayed, played and recorded anew by the program itself in little
 * memory: as a client against an echo server, and as a client of its own mock server, with the proxy
 * between the two recording it all.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "../../src/recording/recorder.js";
import { type Child, exitWithin } from "../support/child.js";
import { startWsctl } from "../support/wsctl.js";
import { record } from "./record.js";

const gibibytes = 2;
const most = 150;
/** Milliseconds for a replay. */
const patience = 1_800_000;

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-large-"));
const file = path.join(folder, "large.wsrec");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let messages = 0;

/** A talk with an echo server: texts of up to 700 bytes, and each thousandth message of 100,000. */
beforeAll(async () => {
  const recorder = await Recorder.open({
    path: file,
    url: "ws://127.0.0.1:1/",
    tool: "test",
    startedAt: new Date(),
    now: () => performance.now(),
    fsync: "none",
  });
  recorder.upgrade({ status: 101, target: "/", request: [], response: [] });
  const large = Buffer.alloc(100_000, 7);
  while (recorder.counts.bytes < gibibytes * 1024 ** 3) {
    for (let n = 0; n < 200 && !recorder.behind; n++) {
      messages++;
      const note = `žluťoučký kůň ${"x".repeat(messages % 700)}`;
      const small = JSON.stringify({ id: messages, op: "tick", price: messages / 8, note });
      const isLarge = messages % 1000 === 0;
      const message = { op: isLarge ? 2 : 1, payload: isLarge ? large : Buffer.from(small) };
      recorder.message({ direction: "out", ...message });
      recorder.message({ direction: "in", ...message });
    }
    await turn();
  }
  recorder.close({ by: "client", code: 1000, reason: "" });
  await recorder.finish();
  expect(recorder.counts.missed).toBe(0);
}, 600_000);

/** The most MiB that were ever resident of a process; NaN when it is gone. */
function peakOf({ pid }: Child): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** What a replay came to. */
interface Replayed {
  readonly code: number | null;
  readonly same: number;
  readonly seconds: number;
  readonly peakMiB: number;
}

async function replayed(args: readonly string[]): Promise<Replayed> {
  const began = performance.now();
  const child = startWsctl(["replay", file, "--pace", "asap", "--json", ...args]);
  let peakMiB = 0;
  // The highest there ever was: only the last moment may be missed.
  const look = setInterval(() => (peakMiB = Math.max(peakMiB, peakOf(child) || 0)), 50);
  const { code, stdout, stderr } = await exitWithin(child, patience).finally(() =>
    clearInterval(look),
  );
  expect(stdout, stderr).not.toBe("");
  const { connections } = JSON.parse(stdout) as { connections: { same: number }[] };
  const seconds = (performance.now() - began) / 1000;
  return { code, same: connections[0]!.same, seconds, peakMiB };
}

/** Starts a server of the program; it is where the first line of its output says. */
async function listening(args: readonly string[]): Promise<{ child: Child; url: string }> {
  const child = startWsctl([...args, "--port", "0", "--json"]);
  // The mock looks through all of the recording first.
  const line = await child.nextLine(300_000);
  if (line === undefined) throw new Error(child.output.stderr);
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

test("2 GiB are replayed against an echo server with less than 150 MiB of memory", async () => {
  await record(
    "replay-memory",
    { guarantee: "A recording of 2 GiB is replayed in less than 150 MiB of memory." },
    () => replayed(["--serve"]),
    ({ code, same, peakMiB }) => {
      expect([code, same]).toEqual([0, messages]);
      expect(peakMiB).toBeGreaterThan(0);
      expect(peakMiB).toBeLessThan(most);
    },
  );
});

test("2 GiB are played by the mock server, and recorded by the proxy, in as little", async () => {
  const copies = path.join(folder, "copies");
  await record(
    "mock-and-proxy-memory",
    {
      guarantee:
        "A recording of 2 GiB is played as a server, and recorded again on the way, in less than 150 MiB of memory each.",
    },
    async () => {
      const mock = await listening(["replay", file, "--as", "server", "--pace", "asap"]);
      const proxy = await listening(["proxy", "--target", mock.url, "--record", copies, "-q"]);
      const client = await replayed([proxy.url]);
      const figures = { client, mockMiB: peakOf(mock.child), proxyMiB: peakOf(proxy.child) };
      for (const { child } of [proxy, mock]) {
        child.kill("SIGINT");
        expect((await exitWithin(child, 60_000)).code).toBe(0);
      }
      return figures;
    },
    ({ client: { code, same, peakMiB }, mockMiB, proxyMiB }) => {
      expect([code, same]).toEqual([0, messages]);
      expect(Math.max(peakMiB, mockMiB, proxyMiB)).toBeLessThan(most);
    },
  );
});

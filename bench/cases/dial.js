/**
 * Owns the case of idle connections: how fast they open, by the target's clock, and how much memory
 * each of them takes in the one process that holds them all.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Child } from "../harness/child.js";
import { fileLimit, findIn, residentOf } from "../harness/processes.js";
import { figure, range } from "../harness/result.js";
import { figuresOf, stopping, takeTurns } from "../harness/rounds.js";
import { Target } from "../harness/target.js";
import { argumentsOf } from "../peers/wsctl.js";

const name = "dial";
const title = "idle connections, all from one process to one address";
const timed = 10_000;
const held = 15_000;
/** Files that a process opens beside its connections. */
const otherFiles = 100;
const longestOpening = 60_000;
/** Garbage of the opening may go before memory is looked at, in ms. */
const settling = 1500;
const pollEvery = 20;
const kib = 1024;

const idle = fileURLToPath(new URL("../peers/idle-client.js", import.meta.url));
const byHand = (kind) => ({
  name: kind === "ws" ? "ws" : "bare sockets",
  command: ({ url, connections }) => ({
    file: process.execPath,
    args: [idle, kind, url, String(connections)],
  }),
  holder: (pid) => pid,
});

const contenders = [
  {
    name: "wsctl",
    command: (work) => ({
      file: process.execPath,
      args: argumentsOf(work, ["--rate=0", "--connect-rate=1000000/s", "--workers=1"]),
    }),
    holder: (pid) => findIn(pid, "worker-process"),
  },
  byHand("sockets"),
  byHand("ws"),
];

/** Waits until the target's counts are as wanted. */
async function until(target, isThere, child) {
  const last = performance.now() + longestOpening;
  for (;;) {
    const counts = await target.counts();
    if (isThere(counts)) return counts;
    if (child?.ended !== undefined || performance.now() > last || stopping.signal.aborted) {
      const said = child?.output.trim().split("\n").slice(-5).join("\n");
      throw new Error(`the target has ${counts.open} connections\n${said ?? ""}`);
    }
    await sleep(pollEvery);
  }
}

/** Opens so many, and looks at the process that holds them. */
async function hold(contender, target, connections) {
  const { opened } = await until(target, ({ open }) => open === 0);
  const folder = mkdtempSync(path.join(tmpdir(), "wsctl-bench-"));
  const work = { url: target.url, connections, lasts: 600, folder };
  // Anywhere: a worker compiles beside what it does, and the target leaves half of its core.
  const child = new Child(contender.command(work));
  try {
    await until(target, ({ open }) => open >= connections, child);
    await sleep(settling);
    const last = Math.min(timed, connections);
    const took = (await target.openedAt(opened + last)) - (await target.openedAt(opened + 1));
    return { rate: ((last - 1) / took) * 1000, rss: residentOf(contender.holder(child.pid)) };
  } finally {
    // Resets from the server's side leave no connection in TIME_WAIT.
    await target.drop();
    child.end();
    await child.over;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @type {import("./cases.js").Case} */
export const dialCase = {
  name,
  title,
  run: async ({ rounds }) => {
    const count = Math.min(held, fileLimit() - otherFiles);
    const notes =
      count < held ? [`only ${count} connections: the limit of open files allows no more`] : [];
    const target = await Target.start();
    const turn = async (each) => {
      const none = await hold(each, target, 1);
      const many = await hold(each, target, count);
      return { ...many, each: (many.rss - none.rss) / count / kib };
    };
    const describe = ({ rate, each }) => `${figure(rate)} per second, ${figure(each)} KiB each`;
    let taken;
    try {
      // A server that is not compiled yet would be what is measured.
      await hold(byHand("ws"), target, count);
      taken = await takeTurns(name, rounds, contenders, turn, describe);
    } finally {
      await target.stop();
    }
    const of = (who, key) => figuresOf(taken.readings.get(who.name), (reading) => reading[key]);
    const [wsctl] = contenders;
    return {
      name,
      title,
      columns: [
        "client",
        `the first ${figure(Math.min(timed, count))}, per second`,
        "lowest to highest",
        `RSS with ${figure(count)}`,
        "KiB each",
        "lowest to highest",
      ],
      rows: contenders.map((each) => [
        each.name,
        figure(of(each, "rate").median),
        range(of(each, "rate")),
        `${figure(of(each, "rss").median / kib ** 2)} MiB`,
        figure(of(each, "each").median),
        range(of(each, "each")),
      ]),
      checks: [
        { what: "wsctl, opened per second", measured: of(wsctl, "rate"), atLeast: 8000 },
        {
          what: "wsctl, memory of an idle connection",
          measured: of(wsctl, "each"),
          atMost: 8,
          aim: 5,
          unit: " KiB",
        },
      ],
      notes: [...notes, ...taken.notes],
    };
  },
};

/**
 * Owns one measurement: a client is started, left to get into its stride, and watched for a while. What
 * counts is what the target echoed and what CPU the client used in just that while, so that neither
 * start-up nor the end is in it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.js";
import { cores } from "./cores.js";
import { cpuOf } from "./processes.js";

const pollEvery = 20;
const longestStart = 60_000;
/** Traffic goes on after the window, so that its end is not in it: for so long, and a part of it. */
const margin = { seconds: 1, part: 0.2 };
/** A side that had so much of its cores was at its limit. */
const full = 0.95;

/**
 * What one run gave.
 * @typedef {object} Reading
 * @property {number} perCpuSecond messages per second of the client's CPU time
 * @property {number} perSecond messages per second of wall time
 * @property {number} client CPU of the client, in cores
 * @property {number} server CPU of the target, in cores
 * @property {"client" | "server" | "both" | "neither"} full which side was at its limit
 * @property {number} off how far the client's own count of all messages is from the target's, as a share
 */

/**
 * @param {import("./contender.js").Contender} contender
 * @param {import("./target.js").Target} target
 * @param {{ connections: number, size: number, inFlight: number, ca?: string }} work
 * @param {{ seconds: number, warmUp: number }} times
 * @param {object} [more] further figures for the reading
 * @param {(child: Child) => Promise<object>} [more.during] taken while the window lasts
 * @param {(folder: string, output: string) => object} [more.after] found when it is over, in its folder
 * or in what it said
 * @param {"clients" | "anywhere"} [more.side] whose cores the client may run on: all but the target's
 * unless told
 * @returns {Promise<Reading>}
 */
export async function measure(contender, target, work, { seconds, warmUp }, more = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "wsctl-bench-"));
  const watched = warmUp + seconds;
  const lasts = watched * (1 + margin.part) + margin.seconds + (contender.slack ?? 0);
  const before = await target.counts();
  const command = contender.command({ ...work, url: target.url, lasts, folder });
  const { side = "clients" } = more;
  const child = new Child(command, side);
  try {
    await inStride(child, target, before, work.connections);
    await sleep(warmUp * 1000);
    const from = await look(child, target);
    const [seen] = await Promise.all([more.during?.(child), sleep(seconds * 1000)]);
    const to = await look(child, target);
    if (to.open < work.connections || child.ended !== undefined) {
      throw new Error(`its traffic was over too early: ${to.open} connections were left`);
    }
    await child.over;
    const all = (await settled(target)).messages - before.messages;
    const received = contender.received(folder, child.output);
    return {
      ...reading(from, to, coresOf(contender, side)),
      off: received / all - 1,
      ...seen,
      ...more.after?.(folder, child.output),
    };
  } catch (error) {
    const said = child.output.trim().split("\n").slice(-5).join("\n");
    throw new Error(`${contender.name}: ${error.message}${said && `\n${said}`}`, { cause: error });
  } finally {
    child.end();
    await child.over;
    await target.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until all connections are open and messages flow. */
async function inStride(child, target, before, connections) {
  const until = performance.now() + longestStart;
  for (;;) {
    const { open, messages } = await target.counts();
    if (open >= connections && messages > before.messages) return;
    if (child.ended !== undefined) throw new Error(`it ended (${child.ended}) before it had begun`);
    if (performance.now() > until) throw new Error(`only ${open} connections after a minute`);
    await sleep(pollEvery);
  }
}

/** What is left on its way when a client is gone is still to be counted. */
async function settled(target) {
  let last = await target.counts();
  for (;;) {
    await sleep(pollEvery);
    const next = await target.counts();
    if (next.messages === last.messages) return next;
    last = next;
  }
}

async function look(child, target) {
  const { messages, open, at } = await target.counts();
  return { messages, open, at: at / 1000, client: cpuOf(child.pid), server: target.cpu() };
}

/** How many cores a client can keep busy where it runs. */
function coresOf({ cores: most = 1 }, side) {
  return side === "clients" ? Math.min(most, cores()?.clients.length ?? most) : most;
}

function reading(from, to, most) {
  const messages = to.messages - from.messages;
  const took = to.at - from.at;
  const client = (to.client - from.client) / took;
  const server = (to.server - from.server) / took;
  const isFull = { client: client >= full * most, server: server >= full };
  const either = Object.keys(isFull).find((side) => isFull[side]);
  return {
    perCpuSecond: messages / (client * took),
    perSecond: messages / took,
    client,
    server,
    full: isFull.client && isFull.server ? "both" : (either ?? "neither"),
  };
}

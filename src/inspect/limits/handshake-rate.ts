/** Owns RL-1: whether somebody may come as often as he likes. */
import type { Check, Observation } from "../check.js";
import { reproOf } from "../handshake/own-repro.js";
import { isOpen, type Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import { patienceOver } from "./aliveness.js";
import { endsByItself } from "./opening.js";
import { climb, mostWithin, rateOf } from "./ramp.js";
import { type Standing, standingOf, tellStanding } from "./standing.js";

/** Handshakes in each step. */
const counts = [1, 2, 5, 10, 20] as const;
const total = counts.reduce((sum, count) => sum + count, 0);

/** How fast, and how it is watched. */
export interface HandshakeRateOptions {
  /** Milliseconds of each step of the ramp. */
  readonly stepMs: number;
  /** Milliseconds for which each is watched, for servers that switch first and close then. */
  readonly watch: number;
  /** Milliseconds that the server has to answer each. */
  readonly patience: number;
}

/** When the handshake of an answer began, by what it took until it came. */
function beginningOf(reply: Reply): number {
  const now = performance.now();
  if (reply.kind === "unanswered") return now;
  const { dns, tcp, proxy = 0, tls, upgrade } = reply.phases;
  return now - dns - tcp - proxy - tls - upgrade;
}

async function look(
  subject: Subject,
  { stepMs, watch, patience }: HandshakeRateOptions,
): Promise<readonly Observation[]> {
  const { asker, signal, target } = subject;
  const timeout = patienceOver(subject, patience);
  const begins: number[] = [];
  const pending: Promise<void>[] = [];
  const errors: unknown[] = [];
  let stop: { readonly standing: Standing; readonly rate: number } | undefined;
  const ask = async (): Promise<void> => {
    try {
      const reply = await asker.ask({ keep: true, timeout, isPaced: true });
      begins.push(beginningOf(reply));
      const socket = reply.kind === "answered" ? reply.socket : undefined;
      // Too short to be worth ending early: many that wait on one signal are a warning of Node.
      await socket?.until(() => false, watch);
      const standing = standingOf(reply);
      if (standing.kind !== "in") {
        stop ??= { standing, rate: rateOf(mostWithin(begins, stepMs), stepMs) };
      }
      if (isOpen(reply)) await socket?.close();
      else socket?.destroy();
    } catch (error) {
      errors.push(error);
    }
  };
  await climb({ counts, stepMs, signal, makesUp: false }, () => {
    if (stop || errors.length > 0) return false;
    pending.push(ask());
    return true;
  });
  await Promise.all(pending);
  if (errors.length > 0) throw errors[0];
  const repro = reproOf("RL-1", target);
  if (stop && begins.length === 1) {
    const message = `already the first handshake came to ${stop.standing.said}, so that no rate can be tried`;
    return [{ verdict: "inconclusive", message }];
  }
  if (stop) {
    const later = standingOf(await asker.ask({ timeout }));
    const where = `at about ${stop.rate} handshakes a second, after ${begins.length} in all`;
    return [{ ...tellStanding(stop.standing, where, later), repro }];
  }
  const rate = rateOf(mostWithin(begins, stepMs), stepMs);
  const message = `${begins.length} handshakes, at last about ${rate} a second, were all let in: no limit was met so far`;
  return [{ verdict: "warn", confidence: "tentative", message, repro }];
}

/** RL-1. */
export function handshakeRate(options: HandshakeRateOptions): Check {
  return {
    rule: {
      id: "RL-1",
      title: "handshakes are limited by their rate",
      severity: "low",
      source: "practice",
      why: "Each handshake costs TLS, authentication and memory before anything useful is done. Without a limit one client, or one that reconnects in a loop, takes that from all others.",
      fix: "Limit handshakes for each address, and say so with 429 and Retry-After: nginx: limit_req_zone $binary_remote_addr zone=ws:10m rate=10r/s; limit_req zone=ws burst=20 nodelay; limit_req_status 429. HAProxy: a stick-table with http_req_rate(10s), and http-request deny deny_status 429.",
      cwe: 770,
    },
    tier: "active",
    needs: "open",
    cost: { handshakes: total + 1, connections: total },
    skip: endsByItself,
    run: (subject) => look(subject, options),
  };
}

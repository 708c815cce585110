/** Owns RL-1: whether somebody may come as often as he likes. */
import type { Check, Observation } from "../check.js";
import { reproOf } from "../handshake/own-repro.js";
import { patienceWith } from "../origins/admission.js";
import type { Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import { endsByItself } from "./opening.js";
import { climb, mostWithin, rateOf } from "./ramp.js";
import { type Standing, standingOf, tellStanding } from "./standing.js";

/** Handshakes in each step. */
const counts = [1, 2, 5, 10, 20] as const;
const total = counts.reduce((sum, count) => sum + count, 0);
/** Milliseconds for which each is watched, for servers that switch first and close then. */
const watch = 100;

/** When the handshake of an answer began, by what it took until it came. */
function beginningOf(reply: Reply): number {
  const now = performance.now();
  if (reply.kind === "unanswered") return now;
  const { dns, tcp, proxy = 0, tls, upgrade } = reply.phases;
  const watched = reply.response.status === 101 ? watch : 0;
  return now - dns - tcp - proxy - tls - upgrade - watched;
}

async function look(subject: Subject, stepMs: number): Promise<readonly Observation[]> {
  const { asker, signal, target, baseline } = subject;
  const timeout = patienceWith(baseline);
  const begins: number[] = [];
  const pending: Promise<void>[] = [];
  const errors: unknown[] = [];
  let stop: { readonly standing: Standing; readonly rate: number } | undefined;
  const ask = async (): Promise<void> => {
    try {
      const reply = await asker.ask({ watch, timeout });
      begins.push(beginningOf(reply));
      const standing = standingOf(reply);
      if (standing.kind === "in" || stop) return;
      stop = { standing, rate: rateOf(mostWithin(begins, stepMs), stepMs) };
    } catch (error) {
      errors.push(error);
    }
  };
  await climb({ counts, stepMs, signal }, () => {
    if (stop || errors.length > 0) return false;
    pending.push(ask());
    return true;
  });
  await Promise.all(pending);
  if (errors.length > 0) throw errors[0];
  const ended = stop as { readonly standing: Standing; readonly rate: number } | undefined;
  const repro = reproOf("RL-1", target);
  if (ended) {
    const later = standingOf(await asker.ask({ timeout }));
    const where = `at about ${ended.rate} handshakes a second, after ${begins.length} in all`;
    return [{ ...tellStanding(ended.standing, where, later), repro }];
  }
  const rate = rateOf(mostWithin(begins, stepMs), stepMs);
  const message = `${begins.length} handshakes, at last about ${rate} a second, were all let in: no limit was met so far`;
  return [{ verdict: "warn", confidence: "tentative", message, repro }];
}

/**
 * RL-1.
 * @param stepMs milliseconds of each step of the ramp
 */
export function handshakeRate({ stepMs }: { readonly stepMs: number }): Check {
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
    cost: { handshakes: total + 1, connections: 20 },
    skip: endsByItself,
    run: (subject) => look(subject, stepMs),
  };
}

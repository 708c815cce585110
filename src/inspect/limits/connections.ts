/** Owns RL-3: whether one address may hold as many WebSockets as it likes. */
import type { Check, Observation } from "../check.js";
import { reproOf } from "../handshake/own-repro.js";
import type { OpenSocket } from "../open-socket.js";
import { isOpen } from "../reply.js";
import type { Subject } from "../subject.js";
import { patienceOver } from "./aliveness.js";
import { endsByItself, openFor, openingHandshakes, pause } from "./opening.js";
import { isPolicy, shownEnd, type Standing, standingOf, tellStanding } from "./standing.js";

/** So many are opened. */
const most = 50;

/** Milliseconds that a server has to notice that all have gone. */
const settling = 100;

/** What ended the climb: one more that was turned away, or an earlier one that was closed. */
type Stop = { readonly standing: Standing } | { readonly dropped: OpenSocket };

async function climb(
  { asker, signal }: Subject,
  sockets: OpenSocket[],
  timeout: number,
): Promise<Stop | undefined> {
  while (!signal.aborted) {
    const dropped = sockets.find(({ isOpen: isUp }) => !isUp);
    if (dropped) return { dropped };
    if (sockets.length === most) return undefined;
    const reply = await asker.ask({ keep: true, timeout });
    if (!isOpen(reply) || !reply.socket) return { standing: standingOf(reply) };
    sockets.push(reply.socket);
  }
  return undefined;
}

function toldDrop({ heard: { ended } }: OpenSocket, held: number): Observation {
  const how = ended ? shownEnd(ended) : "cut without a close frame";
  const where = `with ${held} connections open one of them was ended: ${how}`;
  if (ended && isPolicy(ended)) {
    return { verdict: "pass", confidence: "tentative", message: `limited, it seems: ${where}` };
  }
  const message = `${where}; whether their number is why cannot be said`;
  return { verdict: "inconclusive", message };
}

async function told(
  { asker, signal }: Subject,
  stop: Stop,
  held: number,
  timeout: number,
): Promise<Observation> {
  if ("dropped" in stop) return toldDrop(stop.dropped, held);
  await pause(settling, signal);
  const later = standingOf(await asker.ask({ timeout }));
  const { standing } = stop;
  // A number has room again once all are closed; a rate has not.
  if (standing.kind === "limited" && later.kind !== "in") {
    const message = `with ${held} connections open: ${standing.said}, and with none open still ${later.said}: it is their rate that is limited, so that nothing can be said of their number`;
    return { verdict: "inconclusive", message };
  }
  return tellStanding(standing, `with ${held} connections open`, later);
}

async function look(subject: Subject, patience: number): Promise<readonly Observation[]> {
  const timeout = patienceOver(subject, patience);
  const opening = await openFor(subject);
  if (!opening.socket) return [opening.lack];
  const sockets = [opening.socket];
  let held = 0;
  let stop: Stop | undefined;
  try {
    stop = await climb(subject, sockets, timeout);
    held = sockets.filter(({ isOpen: isUp }) => isUp).length;
  } finally {
    await Promise.all(sockets.map((socket) => socket.close()));
  }
  const repro = reproOf("RL-3", subject.target);
  if (stop) return [{ ...(await told(subject, stop, held, timeout)), repro }];
  const message = `${held} connections of one address were open at once: no limit was met so far`;
  return [{ verdict: "warn", confidence: "tentative", message, repro }];
}

/**
 * RL-3.
 * @param patience milliseconds that the server has to answer each handshake
 */
export function connectionCount({ patience }: { readonly patience: number }): Check {
  return {
    rule: {
      id: "RL-3",
      title: "connections of one address are limited by their number",
      severity: "low",
      source: "RFC 6455 §4.1",
      why: "An open WebSocket costs the server memory and a file descriptor for as long as its client likes. Without a limit one machine can take all there are; browsers alone would not open so many.",
      fix: "Limit connections for each address or user, at a number that offices behind one address can live with: nginx: limit_conn_zone $binary_remote_addr zone=perip:10m; limit_conn perip 100; limit_conn_status 429. HAProxy: a stick-table with conn_cur, and http-request deny deny_status 429.",
      cwe: 770,
    },
    tier: "active",
    needs: "open",
    cost: { handshakes: most + openingHandshakes, connections: most },
    skip: endsByItself,
    run: (subject) => look(subject, patience),
  };
}

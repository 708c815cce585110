/** Owns RL-2: whether messages may come as fast as anybody likes. */
import { frameSize } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import type { Check, Observation } from "../check.js";
import { reproOf } from "../handshake/own-repro.js";
import type { HeardEnd } from "../heard.js";
import type { OpenSocket } from "../open-socket.js";
import type { Subject } from "../subject.js";
import { answersPing, patienceOver, pingSize } from "./aliveness.js";
import { endsByItself, openFor, openingHandshakes } from "./opening.js";
import { climb, rateOf } from "./ramp.js";
import { isPolicy, shownEnd } from "./standing.js";

/** Messages in each step. */
const counts = [10, 20, 50, 100, 200] as const;
/** One before them, to see what the server thinks of such a message at all. */
const total = 1 + counts.reduce((sum, count) => sum + count, 0);

/** Small, and JSON for those who parse what comes. */
const message = Buffer.from('{"wsctl":"rate"}');

/** How fast and how patient. */
export interface MessageRateOptions {
  /** Milliseconds of each step of the ramp. */
  readonly stepMs: number;
  /** Milliseconds that the server has to answer a ping after it all. */
  readonly patience: number;
}

function toldEnd(ended: HeardEnd, where: string): Observation {
  const end = `${where}: ${shownEnd(ended)}`;
  if (isPolicy(ended)) return { verdict: "pass", message: `limited ${end}` };
  if (ended.kind === "close" && ended.status.code === 1011) {
    const text = `${end}: the server fails; right is 1008, or 1013 where it is for now only`;
    return { verdict: "warn", severity: "medium", message: text };
  }
  const text = `ended ${end}; 1008, or 1013 where it is for now only, would tell clients why`;
  const confidence = ended.kind === "cut" ? "tentative" : "firm";
  return { verdict: "warn", severity: "low", confidence, message: text };
}

async function tried(
  socket: OpenSocket,
  { signal, baseline }: Subject,
  { stepMs, patience }: MessageRateOptions,
): Promise<Observation> {
  const { heard } = socket;
  socket.send({ opcode: Opcode.text }, message);
  await socket.until(() => false, stepMs, signal);
  const inconclusive = (text: string): Observation => ({ verdict: "inconclusive", message: text });
  if (heard.ended) {
    const text = `a single message that the server does not know ends the WebSocket, so that a rate cannot be tried: ${shownEnd(heard.ended)}`;
    return inconclusive(text);
  }
  let sent = 1;
  let count = 0;
  await climb({ counts, stepMs, signal, makesUp: true }, (now) => {
    if (!socket.send({ opcode: Opcode.text }, message)) return false;
    count = now;
    sent++;
    return heard.violation === undefined;
  });
  const where = `at ${rateOf(count, stepMs)} messages a second, after ${sent} in all`;
  const isAnswering = await answersPing(socket, patienceOver({ baseline }, patience), signal);
  const evidence = [`sent: ${sent} messages of ${message.length} bytes; came: ${heard.count}`];
  if (heard.violation !== undefined) return inconclusive(`${where}: ${heard.violation}`);
  if (heard.ended) return { ...toldEnd(heard.ended, where), evidence };
  if (!isAnswering) {
    const text = `${where} a ping is not answered within ${patience} ms: the server is behind, or slows clients down without a word`;
    return { verdict: "warn", severity: "low", confidence: "tentative", message: text, evidence };
  }
  const text = `${sent} messages, at last ${rateOf(count, stepMs)} a second, were all taken: no limit was met so far`;
  return { verdict: "warn", confidence: "tentative", message: text, evidence };
}

/** RL-2. */
export function messageRate(options: MessageRateOptions): Check {
  return {
    rule: {
      id: "RL-2",
      title: "messages are limited by their rate",
      severity: "low",
      source: "RFC 6455 §7.4.1",
      why: "One client that sends without pause keeps a server's loop, its database and, where messages are passed on, all other clients busy.",
      fix: "Count messages for each connection, a token bucket say, and close with 1008 (or 1013, where the client may come again later) once it is empty. Proxies do not do that: they do not look into a WebSocket.",
      cwe: 770,
    },
    tier: "active",
    needs: "open",
    cost: {
      handshakes: openingHandshakes,
      bytes: total * frameSize(message.length, true) + pingSize,
    },
    skip: endsByItself,
    run: async (subject) => {
      const opening = await openFor(subject);
      if (!opening.socket) return [opening.lack];
      const seen = await tried(opening.socket, subject, options);
      await opening.socket.close();
      return [{ ...seen, repro: reproOf("RL-2", subject.target) }];
    },
  };
}

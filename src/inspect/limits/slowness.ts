/** Owns SL-1: whether clients that begin and never finish are waited for without end. */
import { messageOf } from "../../base/errors.js";
import type { Severity } from "../../findings/severity.js";
import { frameSize } from "../../frame/encode.js";
import type { Check, Observation } from "../check.js";
import { reproOf } from "../handshake/own-repro.js";
import type { Subject } from "../subject.js";
import { stoppedAnswering } from "./aliveness.js";
import { endlessMessage, halfFrame, halfHead, trickle, type Unfinished } from "./never-finished.js";
import { endsByItself, openingHandshakes } from "./opening.js";

/** One thing that is begun. */
interface Slowness {
  readonly name: string;
  /** How it goes on. */
  readonly further: string;
  readonly begin: Unfinished;
  readonly severity: Severity;
  readonly fix: string;
}

const all: readonly Slowness[] = [
  {
    name: "half a request head",
    further: " and then nothing more",
    begin: halfHead,
    // Nobody has to be known for that.
    severity: "medium",
    fix: "Give heads a few seconds: nginx: client_header_timeout 10s; HAProxy: timeout http-request 10s; Node.js: server.headersTimeout = 10_000 with connectionsCheckingInterval = 2_000; Apache: mod_reqtimeout.",
  },
  {
    name: "half a frame header",
    further: " and then nothing more",
    begin: halfFrame,
    severity: "low",
    fix: "Ping clients and cut those whose pong does not come in time, or set a deadline for reading: gorilla: SetReadDeadline; ws for Node.js: a timer that terminates who has not answered; nginx: proxy_read_timeout ends what is silent on both sides.",
  },
  {
    name: "a message without an end",
    further: ", a byte now and then",
    begin: endlessMessage,
    severity: "low",
    fix: "Give each message a time in which it has to be whole, and limit its size and its fragments, and close with 1008: pings do not help here, since such a client answers them.",
  },
];

/** How long servers are given. */
export interface SlownessOptions {
  /** Milliseconds for which a server may bear it. */
  readonly bearing: number;
  /** Milliseconds that it has to answer a handshake after it all. */
  readonly patience: number;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** What is told of one, or the line of evidence where it is well. */
async function tried(
  { name, further, begin, severity, fix }: Slowness,
  subject: Subject,
  bearing: number,
): Promise<Observation | string> {
  // The others go on all the same.
  const came = await begin(subject, bearing).catch(messageOf);
  const repro = reproOf("SL-1", subject.target);
  if (typeof came === "string") {
    const message = `${name} could not be tried: ${came}`;
    return { case: name, verdict: "inconclusive", message };
  }
  if (came.ended !== undefined) return `${name}: ${came.ended} after ${seconds(came.after)}`;
  const message = `${name}${further}: the server still waits after ${seconds(bearing)}; a timeout below that was not met`;
  return { case: name, verdict: "warn", severity, confidence: "firm", message, fix, repro };
}

async function look(
  subject: Subject,
  { bearing, patience }: SlownessOptions,
): Promise<readonly Observation[]> {
  // Side by side, since each takes all the time there is.
  const seen = await Promise.all(all.map((each) => tried(each, subject, bearing)));
  const what = "what was never finished";
  const stopped = await stoppedAnswering(subject, { id: "SL-1", what, patience });
  const against = [...stopped, ...seen.filter((each) => typeof each !== "string")];
  if (against.length > 0) return against;
  const evidence = seen.filter((each) => typeof each === "string");
  const message = "clients that begin and never finish are cut off in time";
  return [{ verdict: "pass", message, evidence }];
}

/** SL-1. */
export function slowness(options: SlownessOptions): Check {
  return {
    rule: {
      id: "SL-1",
      title: "clients that never finish what they begin are cut off",
      severity: "low",
      source: "practice",
      why: "Who begins thousands of requests or frames and never ends them holds as many connections and buffers at next to no cost of his own (Slowloris).",
      fix: "Set timeouts for the request head and for whole messages, and ping clients: nginx: client_header_timeout; HAProxy: timeout http-request; Node.js: server.headersTimeout and server.requestTimeout.",
      cwe: 400,
    },
    tier: "intrusive",
    needs: "open",
    cost: {
      handshakes: 2 + openingHandshakes + 1,
      connections: all.length,
      bytes: 1 + trickle * frameSize(1, true),
    },
    skip: endsByItself,
    run: (subject) => look(subject, options),
  };
}

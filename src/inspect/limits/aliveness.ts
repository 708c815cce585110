/** Owns whether a server is still there: on a WebSocket, and for who comes next. */
import { Opcode } from "../../frame/opcode.js";
import type { Observation } from "../check.js";
import type { OpenSocket } from "../open-socket.js";
import { type Reply, saidOf } from "../reply.js";
import { reproOf } from "../handshake/own-repro.js";
import { gone, isGoneFrom } from "../aftermath.js";
import type { Subject } from "../subject.js";

/** Bytes of the ping that is sent. */
export const pingSize = 10;

const pingPayload = Buffer.from("live");

/** Whether a ping sent now is answered within so many milliseconds, while the WebSocket is open. */
export async function answersPing(
  socket: OpenSocket,
  patience: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { pongs } = socket.heard;
  if (!socket.send({ opcode: Opcode.ping }, pingPayload)) return false;
  await socket.until((heard) => heard.pongs > pongs, patience, signal);
  return socket.heard.pongs > pongs && !socket.heard.ended;
}

/** Milliseconds to wait for an answer over this way to the server: the patience, and the way. */
export function patienceOver({ baseline }: Pick<Subject, "baseline">, patience: number): number {
  if (baseline.kind !== "answered") return patience;
  const { dns, tcp, proxy = 0, tls, upgrade } = baseline.phases;
  return Math.ceil(patience + dns + tcp + proxy + tls + upgrade);
}

function judged(reply: Reply, what: string): Observation | undefined {
  const said = saidOf(reply, 150);
  const shared = { case: "afterwards", evidence: [`a valid handshake afterwards: ${said}`] };
  const status = reply.kind === "answered" ? reply.response.status : 0;
  const isGone = isGoneFrom(reply);
  const stopped = `the server stopped answering after ${what}: a valid handshake came to ${said}`;
  if (status === 503) {
    const message = `${stopped}, which is a limit, or says that nothing stands behind a proxy any more`;
    return {
      ...shared,
      verdict: "warn",
      severity: "medium",
      confidence: "tentative",
      message,
    };
  }
  if (status >= 100 && status < 500) return undefined;
  return {
    ...shared,
    verdict: "fail",
    severity: "high",
    confidence: "firm",
    message: stopped,
    ...(isGone ? { kind: gone } : {}),
  };
}

/** What a server has been through. */
interface Endured {
  /** Of the rule. */
  readonly id: string;
  readonly what: string;
  /** Milliseconds that it has to answer now, the way there not counted. */
  readonly patience: number;
}

/**
 * Asks once whether a plain valid handshake is still answered. Takes one handshake.
 * @returns what is to be told when it is not
 */
export async function stoppedAnswering(
  subject: Pick<Subject, "asker" | "baseline" | "target">,
  { id, what, patience }: Endured,
): Promise<readonly Observation[]> {
  const reply = await subject.asker.ask({ timeout: patienceOver(subject, patience) });
  const told = judged(reply, what);
  return told ? [{ ...told, repro: reproOf(id, subject.target) }] : [];
}

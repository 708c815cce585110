/** Owns an ordeal: a WebSocket is sent what is hard to bear, and then it is seen who is still there. */
import { reproOf } from "../handshake/own-repro.js";
import type { Observation } from "../check.js";
import type { HeardEnd } from "../heard.js";
import type { OpenSocket } from "../open-socket.js";
import type { Question } from "../question.js";
import type { Answered } from "../reply.js";
import type { Subject } from "../subject.js";
import { answersPing, patienceOver, pingSize, stoppedAnswering } from "./aliveness.js";
import { openFor, openingHandshakes } from "./opening.js";

/** How the WebSocket took it: a ping after it is answered, or is not, or this is how it ended. */
export type Borne = "answering" | "silent" | HeardEnd;

/** What a server is put through. */
export interface Ordeal {
  /** Of the rule. */
  readonly id: string;
  /** What is sent, in a few words, should the server be gone after it. */
  readonly what: string;
  /** Milliseconds that it has to answer a ping, and a handshake, after it. */
  readonly patience: number;
  /** How it is opened, where that differs. */
  readonly question?: Question;
  /** Why it is not tried on what was opened; undefined where it is. */
  readonly lack?: (reply: Answered) => Observation | undefined;
  readonly send: (socket: OpenSocket) => void;
  readonly judge: (borne: Borne) => Observation;
}

/** Handshakes that an ordeal takes, and bytes besides what it sends. */
export const ordealCost = { handshakes: openingHandshakes + 1, bytes: 2 * pingSize } as const;

async function borne(
  socket: OpenSocket,
  subject: Subject,
  { patience, send, judge }: Ordeal,
): Promise<Observation> {
  const { signal } = subject;
  const time = patienceOver(subject, patience);
  if (!(await answersPing(socket, time, signal))) {
    const message = "pings are not answered, so that nothing could be seen of what follows";
    return { verdict: "inconclusive", message };
  }
  send(socket);
  const isAnswering = await answersPing(socket, time, signal);
  const { ended, violation } = socket.heard;
  if (violation !== undefined) return { verdict: "inconclusive", message: violation };
  return judge(isAnswering ? "answering" : (ended ?? "silent"));
}

/** Puts the server through it: what became of the WebSocket, and before that, of the server. */
export async function putThrough(
  subject: Subject,
  ordeal: Ordeal,
): Promise<readonly Observation[]> {
  const { id, what, patience, question, lack } = ordeal;
  const opening = await openFor(subject, question);
  if (!opening.socket) return [opening.lack];
  const { socket, reply } = opening;
  const lacking = lack?.(reply);
  const seen = lacking ?? (await borne(socket, subject, ordeal));
  await socket.close();
  if (lacking) return [lacking];
  const stopped = await stoppedAnswering(subject, { id, what, patience });
  return [...stopped, { ...seen, repro: reproOf(id, subject.target) }];
}

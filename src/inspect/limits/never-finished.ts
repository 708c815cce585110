/** Owns the things that a slow client begins and never finishes, and how long a server bears each. */
import { DialError } from "../../dial/dial-error.js";
import type { Wire } from "../../dial/wire.js";
import { Opcode } from "../../frame/opcode.js";
import { probeTimeout } from "../check-timeout.js";
import { Listener } from "../listener.js";
import { isOpen } from "../reply.js";
import type { Subject } from "../subject.js";
import { patienceOver } from "./aliveness.js";
import { openFor } from "./opening.js";
import { shownEnd } from "./standing.js";
import { askOn, usualRequest } from "./wire-asking.js";
import { theirs } from "../their-words.js";

/** Fragments of the message that never ends. */
export const trickle = 20;

/** The largest frame of a server that is let pass while it is waited for. */
const mostPayload = 65_536;

/** How it ended, in a few words; `undefined` where the server bore it to the end. */
interface Borne {
  readonly ended: string | undefined;
  /** Milliseconds until then. */
  readonly after: number;
}

/** What came of one; a text is the reason why nothing did. */
export type Unfinished = (subject: Subject, patience: number) => Promise<Borne | string>;

/**
 * Waits until `look`, which is called whenever something comes, says something, the connection is
 * gone, the time is up or the signal fires.
 */
function borne(
  wire: Wire,
  { signal }: Subject,
  patience: number,
  look: (bytes: Buffer | undefined, start: number, end: number) => string | undefined,
): Promise<Borne> {
  const began = performance.now();
  return new Promise((resolve) => {
    const finish = (ended: string | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      wire.receive(undefined);
      wire.onClose = undefined;
      resolve({ ended, after: Math.round(performance.now() - began) });
    };
    const onAbort = (): void => finish(undefined);
    const timer = setTimeout(finish, patience, undefined);
    signal.addEventListener("abort", onAbort);
    wire.onClose = () => finish(look(undefined, 0, 0) ?? "cut");
    wire.receive((bytes, start, end) => {
      const ended = look(bytes, start, end);
      if (ended !== undefined) finish(ended);
    });
    if (signal.aborted) onAbort();
  });
}

/** Half a request head, and then nothing. It holds no credentials. */
export const halfHead: Unfinished = async (subject, patience) => {
  const { asker, target } = subject;
  const wire = await asker.open({ timeout: patienceOver(subject, probeTimeout) });
  try {
    wire.socket.write(`GET / HTTP/1.1\r\nHost: ${target.authority}\r\nUpgrade: webso`, "latin1");
    return await borne(wire, subject, patience, (bytes, start, end) =>
      bytes ? `"${theirs(bytes.toString("latin1", start, end).split("\r\n")[0]!, 60)}"` : "cut",
    );
  } finally {
    wire.destroy();
  }
};

/**
 * One byte of a frame, and then nothing: not even pongs, which would become a part of it.
 */
export const halfFrame: Unfinished = async (subject, patience) => {
  const { asker, baseline } = subject;
  if (!isOpen(baseline)) return "there is no usual request";
  const time = patienceOver(subject, probeTimeout);
  const wire = await asker.open({ timeout: time });
  try {
    const answer = await askOn(wire, usualRequest(baseline), subject, time);
    if (answer instanceof DialError) return answer.message;
    if (answer.status !== 101) return `answered ${answer.status}`;
    const listener = new Listener(mostPayload);
    wire.socket.write(Buffer.of(0x81));
    return await borne(wire, subject, patience, (bytes, start, end) => {
      if (bytes) listener.feed(bytes, start, end);
      else listener.cut();
      return listener.ended && shownEnd(listener.ended);
    });
  } finally {
    wire.destroy();
  }
};

/** A message whose fragments go on coming, a byte now and then. Pings are answered in between. */
export const endlessMessage: Unfinished = async (subject, patience) => {
  const { signal } = subject;
  const opening = await openFor(subject);
  if (!opening.socket) return opening.lack.message;
  const { socket } = opening;
  const began = socket.now;
  const byte = Buffer.from("x");
  for (let sent = 0; sent < trickle && socket.isOpen && !signal.aborted; sent++) {
    const opcode = sent === 0 ? Opcode.text : Opcode.continuation;
    socket.send({ opcode, fin: false }, byte);
    const due = began + ((sent + 1) * patience) / trickle;
    await socket.until(() => false, Math.max(1, due - socket.now), signal);
  }
  const { ended } = socket.heard;
  const after = Math.round((ended?.at ?? socket.now) - began);
  // A goodbye would be heard only where the message is no longer waited for.
  socket.destroy();
  return { ended: ended && shownEnd(ended), after };
};

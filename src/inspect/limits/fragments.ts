/** Owns SZ-3: what becomes of a server that is sent one message in thousands of tiny fragments. */
import { randomBytes } from "node:crypto";
import { encodeFrame } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import type { Check, Observation } from "../check.js";
import type { Subject } from "../subject.js";
import { endsByItself } from "./opening.js";
import { type Borne, ordealCost, putThrough } from "./ordeal.js";
import { isPolicy, shownEnd } from "./standing.js";

/** Fragments of one byte, and then empty ones. */
const tiny = 2500;
const empty = 2500;
const total = tiny + empty;

/** Bytes of the fragments: 2 of head and 4 of mask each. */
const size = total * 6 + tiny;

/** Codes that say rightly why it is not taken. */
const rightCodes: ReadonlySet<number> = new Set([1002, 1009]);

function flood(): Buffer {
  const frames = Array.from({ length: total }, (_, index) =>
    encodeFrame(
      {
        opcode: index === 0 ? Opcode.text : Opcode.continuation,
        fin: index === total - 1,
        mask: randomBytes(4).readUInt32BE(),
      },
      Buffer.alloc(index < tiny ? 1 : 0, "x"),
    ),
  );
  return Buffer.concat(frames);
}

const what = `one message in ${total} fragments, of one byte and empty`;

function judged(patience: number, borne: Borne): Observation {
  if (borne === "answering") {
    return { verdict: "pass", message: `${what}, is survived: a ping after it is answered` };
  }
  if (borne === "silent") {
    const message = `after ${what}, a ping is not answered within ${patience} ms; right is to take it, or to close with 1008 or 1009`;
    return { verdict: "fail", confidence: "firm", message };
  }
  const end = `${what}: ${shownEnd(borne)}`;
  if (borne.kind === "cut") {
    const message = `${end}; right is to take it, or to close with 1008 or 1009`;
    return { verdict: "warn", kind: "cut", severity: "low", confidence: "firm", message };
  }
  const { code } = borne.status;
  if (isPolicy(borne) || rightCodes.has(code)) return { verdict: "pass", message: end };
  if (code === 1011) {
    const message = `${end}: the server fails; right is to take it, or to close with 1008 or 1009`;
    return { verdict: "warn", kind: "server error", message };
  }
  return { verdict: "info", message: `${end}; 1008 or 1009 would tell clients why` };
}

function look(subject: Subject, patience: number): Promise<readonly Observation[]> {
  return putThrough(subject, {
    id: "SZ-3",
    what,
    patience,
    send: (socket) => socket.sendRaw(flood()),
    judge: (borne) => judged(patience, borne),
  });
}

/**
 * SZ-3.
 * @param patience milliseconds that the server has to answer a ping, and a handshake, after it
 */
export function fragmentFlood({ patience }: { readonly patience: number }): Check {
  return {
    rule: {
      id: "SZ-3",
      title: "thousands of tiny fragments are survived",
      severity: "medium",
      source: "RFC 6455 §5.4, §10.4",
      why: "A limit on the size of messages does not see fragments of no size: each may cost the server an object or a copy of all before it, so that a few kilobytes keep it busy for seconds.",
      fix: "Limit the number of fragments of a message as well as its size, and close with 1008: ws for Node.js: maxFragments. Do not copy what came before with each fragment, and drop empty ones.",
      cwe: 400,
    },
    tier: "intrusive",
    needs: "open",
    cost: { ...ordealCost, bytes: ordealCost.bytes + size },
    skip: endsByItself,
    run: (subject) => look(subject, patience),
  };
}

/** Owns SZ-2: what becomes of a server that is sent a small message which inflates to a large one. */
import { constants, deflateRawSync } from "node:zlib";
import { frameSize } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import { headerValue } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { withHeader } from "../handshake/head-change.js";
import type { Answered } from "../reply.js";
import type { Subject } from "../subject.js";
import { endsByItself } from "./opening.js";
import { type Borne, ordealCost, putThrough } from "./ordeal.js";
import { shownEnd } from "./standing.js";

const extensions = "Sec-WebSocket-Extensions";

/** Bytes that it inflates to. */
const inflated = 1024 * 1024;

/** More than it deflates to: about a thousandth. */
const mostDeflated = 4096;

/** One byte over and over, which any window is large enough for. */
function bomb(): Buffer {
  const deflated = deflateRawSync(Buffer.alloc(inflated, "x"), {
    level: 9,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  // RFC 7692 §7.2.1: what each message would end with is left out.
  return deflated.subarray(0, -4);
}

/** Why it is not sent where nothing would be inflated. */
function isPlain({ response }: Answered): Observation | undefined {
  const agreed = headerValue(response.headers, extensions) ?? "";
  if (/\bpermessage-deflate\b/i.test(agreed)) return undefined;
  return { verdict: "skip", message: "the server does not agree to permessage-deflate" };
}

function judged(size: number, patience: number, borne: Borne): Observation {
  const what = `a message of ${size} bytes that inflates to 1 MiB`;
  if (borne === "answering") {
    const message = `${what} is taken, and a ping after it answered: no limit was met so far`;
    return { verdict: "info", message };
  }
  if (borne === "silent") {
    const message = `after ${what} a ping is not answered within ${patience} ms; right is to stop inflating at the limit, and to close with 1009`;
    return { verdict: "fail", kind: "silent", confidence: "firm", message };
  }
  const how = shownEnd(borne);
  if (borne.kind === "cut") {
    const message = `after ${what} the connection is ${how}; right is to close with 1009`;
    return { verdict: "fail", kind: "cut", confidence: "firm", message };
  }
  const { code } = borne.status;
  if (code === 1009 || code === 1008) return { verdict: "pass", message: `${what} is ${how}` };
  const message = `${what} is ${how}; right is 1009 where it is too large, by which clients know why`;
  return { verdict: "warn", severity: "low", message };
}

function look(subject: Subject, patience: number): Promise<readonly Observation[]> {
  const payload = bomb();
  return putThrough(subject, {
    id: "SZ-2",
    what: "the compressed message",
    patience,
    question: { vary: withHeader(extensions, "permessage-deflate") },
    lack: isPlain,
    send: (socket) => void socket.send({ opcode: Opcode.text, rsv: 4 }, payload),
    judge: (borne) => judged(payload.length, patience, borne),
  });
}

/**
 * SZ-2.
 * @param patience milliseconds that the server has to answer a ping, and a handshake, after it
 */
export function compressionBomb({ patience }: { readonly patience: number }): Check {
  return {
    rule: {
      id: "SZ-2",
      title: "a message that inflates to much is survived",
      severity: "medium",
      source: "RFC 7692 §8, RFC 6455 §10.4",
      why: "A kilobyte on the wire can be a megabyte in memory. A server that holds its limit against the size on the wire only, or inflates first and looks then, is brought down by one client.",
      fix: "Hold the limit against what is inflated, while it is inflated, and close with 1009: ws for Node.js does so by maxPayload; elsewhere use a streaming inflater with a bound, or switch compression off.",
      cwe: 409,
    },
    tier: "intrusive",
    needs: "open",
    cost: {
      ...ordealCost,
      bytes: ordealCost.bytes + frameSize(mostDeflated, true),
    },
    skip: endsByItself,
    run: (subject) => look(subject, patience),
  };
}

/** Owns SZ-1: how large a message may be, and how the server says that one is too large. */
import type { Check, Observation } from "../check.js";
import { reproOf } from "../handshake/own-repro.js";
import type { HeardEnd } from "../heard.js";
import type { Subject } from "../subject.js";
import { endsByItself } from "./opening.js";
import { type Limit, searchLimit } from "./size-search.js";
import { SizedMessages } from "./sized-messages.js";
import { shownEnd } from "./standing.js";

/** Bytes of a step. */
const step = 1024;
/** Steps up to which sizes are tried: 1 MiB. */
const most = 1024;
const handshakes = 12;
const bytes = 4 * 1024 * 1024;

function isTooBig(ended: HeardEnd): boolean {
  return ended.kind === "close" && ended.status.code === 1009;
}

function shownSize(steps: number): string {
  return steps === most ? "1 MiB" : `${steps} KiB`;
}

/** The limit in words. */
function rangeOf({ taken, refused = 0 }: Limit): string {
  const above = shownSize(refused);
  return taken === 0
    ? `below ${above}`
    : `between ${shownSize(taken)}, which is taken, and ${above}, which is not`;
}

function told(limit: Limit, sizes: SizedMessages): Observation {
  const { lack, ends } = sizes;
  const why = lack === undefined ? "" : `; not looked at closer: ${lack}`;
  if (limit.refused === undefined) {
    const largest = shownSize(limit.taken);
    if (lack !== undefined) {
      const message = `no limit was found: ${limit.taken === 0 ? "" : `${largest} is taken, then `}${lack}`;
      return { verdict: "inconclusive", message };
    }
    return { verdict: "info", message: `messages of ${largest} are taken; none larger was tried` };
  }
  const hows = [...new Set(ends.map(shownEnd))];
  const evidence = hows.map((how) => `too large: ${how}`);
  const wrong = ends.find((ended) => !isTooBig(ended));
  if (!wrong) {
    const message = `the largest message is ${rangeOf(limit)}: ${hows.join(", ")}${why}`;
    return { verdict: "pass", message, evidence };
  }
  const how = shownEnd(wrong);
  if (limit.taken === 0) {
    const message = `the smallest message tried, ${shownSize(1)}, ends the WebSocket, for its size or for what it says: ${how}`;
    return { verdict: "inconclusive", message, evidence };
  }
  const message = `the largest message is ${rangeOf(limit)}, and what is larger is ${how}; right is 1009, by which clients know why${why}`;
  // The close frame of a server that does not read to the end can be lost on the way.
  const confidence = wrong.kind === "cut" ? "tentative" : "certain";
  return { verdict: "warn", confidence, message, evidence };
}

async function look(subject: Subject, patience: number): Promise<readonly Observation[]> {
  const sizes = new SizedMessages(subject, { handshakes, bytes, patience });
  const limit = await searchLimit(most, (size) => sizes.attempt(size * step));
  await sizes.close();
  return [{ ...told(limit, sizes), repro: reproOf("SZ-1", subject.target) }];
}

/**
 * SZ-1.
 * @param patience milliseconds that the server has to take each message
 */
export function messageSize({ patience }: { readonly patience: number }): Check {
  return {
    rule: {
      id: "SZ-1",
      title: "messages that are too large are refused with 1009",
      severity: "low",
      source: "RFC 6455 §7.4.1, §10.4",
      why: "A server that takes messages of any size can be made to run out of memory; and a client that is cut off for one cannot know that sending it again is of no use.",
      fix: "Set the limit to what the application needs, and close with 1009 above it: ws for Node.js: maxPayload; Spring: setMaxTextMessageBufferSize; Python websockets: max_size; gorilla: SetReadLimit.",
      cwe: 770,
    },
    tier: "active",
    needs: "open",
    cost: { handshakes, bytes },
    skip: endsByItself,
    run: (subject) => look(subject, patience),
  };
}

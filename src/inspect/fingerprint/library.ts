/** Owns the checks that tell which library a server stands on: by what it says, and by how it takes a broken frame. */
import { patience, probeTimeout } from "../check-timeout.js";
import type { Check, Observation } from "../check.js";
import { endOf, type Heard, type HeardEnd } from "../heard.js";
import type { Header } from "../../frame/upgrade.js";
import { saidOf } from "../reply.js";
import { saidAndDone } from "./said-and-done.js";
import { greetingOf, hintsOf } from "./known-reasons.js";
import type { Subject } from "../subject.js";

/** The first of the opcodes reserved for data frames (RFC 6455 §5.2). */
const reservedOpcode = 3;
/** Bytes of an empty masked frame. */
const frameSize = 6;

function reaction(ended: HeardEnd | undefined): string {
  return `after a frame with the reserved opcode 3: ${ended ? endOf(ended) : "nothing"}`;
}

/** What is to be said of what was heard. */
function judged(heard: Heard, headers: readonly Header[]): Observation[] {
  const evidence = [reaction(heard.ended)];
  if (heard.violation !== undefined) {
    const message = `the library cannot be told: ${heard.violation}`;
    return [{ verdict: "inconclusive", message, evidence }];
  }
  const hints = hintsOf(heard);
  if (hints.length === 0) {
    const message = `the server's library is not known by its close reason; ${reaction(heard.ended)}`;
    return [{ verdict: "info", confidence: "tentative", message, evidence }];
  }
  return saidAndDone(hints, headers);
}

/** What the server says before it is spoken to tells as well, and harms nobody. */
function greeted({ baseline }: Subject): Observation[] {
  const reply = baseline.kind === "answered" ? baseline : undefined;
  const hints = reply?.heard ? greetingOf(reply.heard) : [];
  if (reply && hints.length > 0) return saidAndDone(hints, reply.response.headers);
  const message =
    "nothing that came by itself tells the library; how it takes a broken frame does: see FP-2 (--active)";
  return [{ verdict: "skip", message }];
}

/** FP. */
export const greeting: Check = {
  rule: {
    id: "FP",
    title: "The library that the server stands on, by what it says",
    severity: "info",
    source: "practice",
    why: "Whose defaults apply (limits, timeouts, compression) depends on the library; and headers are often those of a proxy.",
    fix: "nothing: it is only worth knowing",
  },
  tier: "default",
  needs: "open",
  cost: { handshakes: 0 },
  run: (subject) => Promise.resolve(greeted(subject)),
};

/** FP-2. */
export const library: Check = {
  rule: {
    id: "FP-2",
    title: "The library, by how it takes a broken frame",
    severity: "info",
    source: "practice",
    why: "Whose defaults apply (limits, timeouts, compression) depends on the library; and headers are often those of a proxy, while close reasons come through it.",
    fix: "nothing: it is only worth knowing",
  },
  tier: "active",
  needs: "open",
  provokes: "a frame with the reserved opcode 3 (RFC 6455 §5.2)",
  cost: { handshakes: 1, bytes: frameSize },
  run: async (subject) => {
    const { asker, baseline, signal } = subject;
    if (baseline.kind === "answered" && baseline.heard?.ended) {
      const message = `the server ends connections by itself, so that no end tells its library: see HS-18`;
      return [{ verdict: "inconclusive", message }];
    }
    const reply = await asker.ask({ keep: true, timeout: patience(subject) });
    if (reply.kind !== "answered" || !reply.socket) {
      const message = `the connection did not open again: ${saidOf(reply)}`;
      return [{ verdict: "inconclusive", message }];
    }
    const { socket } = reply;
    socket.send({ opcode: reservedOpcode }, Buffer.alloc(0));
    await socket.until(() => false, probeTimeout, signal);
    // Now: what comes after a close of ours says nothing.
    const seen = judged(socket.heard, reply.response.headers);
    await socket.close();
    return seen;
  },
};

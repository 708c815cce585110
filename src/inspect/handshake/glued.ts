/** Owns HS-17: what came in one piece with the 101. */
import type { Check, Observation } from "../check.js";
import { type Answered, isSwitch } from "../reply.js";

function look({ heard, request }: Answered): Observation {
  if (!heard) {
    return { verdict: "inconclusive", message: "the first exchange was not watched after its 101" };
  }
  const { count, ended, glued, pings, pongs, violation } = heard;
  if (glued === 0) return { verdict: "pass", message: "nothing came in one piece with the 101" };
  const frames = `${count} message${count === 1 ? "" : "s"}, ${pings} pings, ${pongs} pongs`;
  const evidence = [`${glued} bytes glued to the 101`, `heard: ${frames}`];
  if (violation !== undefined) {
    return {
      verdict: "fail",
      severity: "medium",
      message: `${glued} bytes came in one piece with the 101, and what came is no WebSocket: ${violation}`,
      evidence,
      fix: "Send nothing behind the empty line of the 101 but frames: no body, no second answer.",
      request,
    };
  }
  const isWhole = count + pings + pongs > 0 || ended?.kind === "close";
  return {
    verdict: "info",
    message: isWhole
      ? `${glued} bytes of frames came in one piece with the 101, and are not lost: ${frames}`
      : `${glued} bytes came in one piece with the 101, the beginning of a frame that did not end`,
    evidence,
  };
}

/** Frames right behind the 101. */
export const gluedCheck: Check = {
  rule: {
    id: "HS-17",
    title: "what is glued to the 101 are frames",
    severity: "info",
    source: "RFC 6455 §4.2.2",
    why: "A server may speak as soon as it has answered. Clients and proxies that throw away what was read together with the head lose its first messages, now and then.",
    fix: "Nothing has to be done at the server; a client that loses the first message has to hand the bytes behind the head to its frame parser.",
  },
  tier: "default",
  needs: "switch",
  cost: { handshakes: 0 },
  run: async ({ baseline }) => (isSwitch(baseline) ? [look(baseline)] : []),
};

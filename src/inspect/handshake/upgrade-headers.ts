/** Owns HS-03 and HS-04: that the 101 names the protocol, and that it is for this connection. */
import type { HandshakeProblem } from "../../frame/handshake.js";
import { headerValues } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { type Answered, isSwitch, saidOf } from "../reply.js";
import { lostUpgrade } from "./lost-upgrade.js";
import { theirs } from "../their-words.js";

/** What the answer says under that name, a line each. */
function linesOf({ response }: Answered, name: string): string[] {
  return headerValues(response.headers, name).map((value) => `${name}: ${theirs(value)}`);
}

function judge(reply: Answered, kind: HandshakeProblem["kind"], name: string): Observation[] {
  const { problems, request } = reply;
  const problem = problems.find((each) => each.kind === kind);
  const evidence = linesOf(reply, name);
  if (problem) return [{ verdict: "fail", message: theirs(problem.message), evidence, request }];
  return [{ verdict: "pass", message: evidence.join(", "), evidence }];
}

/** Upgrade; and where the answer is no 101, whether the request to upgrade was lost on the way. */
export const upgradeCheck: Check = {
  rule: {
    id: "HS-03",
    title: "Upgrade is websocket",
    severity: "high",
    source: "RFC 6455 §4.1",
    why: "A client has to fail the connection unless the answer has one Upgrade header that says websocket.",
    fix: "Answer with Upgrade: websocket, once; no proxy may drop, rewrite or double it.",
  },
  tier: "default",
  needs: "answer",
  cost: { handshakes: 0 },
  run: async ({ baseline }) => {
    if (baseline.kind === "answered") {
      if (baseline.response.status === 101) return judge(baseline, "upgrade", "Upgrade");
      const lost = lostUpgrade(baseline);
      if (lost) return [lost];
    }
    return [
      {
        verdict: "inconclusive",
        message: `not tried: the first exchange came to ${saidOf(baseline)}`,
      },
    ];
  },
};

/** Connection. */
export const connectionCheck: Check = {
  rule: {
    id: "HS-04",
    title: "Connection contains Upgrade",
    severity: "high",
    source: "RFC 6455 §4.1",
    why: "A client has to fail the connection unless Connection lists Upgrade: only then is the Upgrade header meant for this hop.",
    fix: "Answer with Connection: Upgrade; a proxy in between must not replace it by keep-alive or close.",
  },
  tier: "default",
  needs: "switch",
  cost: { handshakes: 0 },
  run: async ({ baseline }) =>
    isSwitch(baseline) ? judge(baseline, "connection", "Connection") : [],
};

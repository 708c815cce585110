/** Owns HS-05 and HS-06: that the accept value is computed, from the key of this very request. */
import { acceptFor, newKey } from "../../frame/handshake.js";
import { headerValues, type UpgradeRequest, type UpgradeResponse } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { patience } from "../check-timeout.js";
import { type Answered, isSwitch, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { whyWrong } from "./accept-recipes.js";
import { withHeader } from "./head-change.js";
import { reproOf } from "./own-repro.js";
import { theirs } from "../their-words.js";

const name = "Sec-WebSocket-Accept";

function keyOf({ headers }: UpgradeRequest): string | undefined {
  const keys = headerValues(headers, "Sec-WebSocket-Key");
  return keys.length === 1 ? keys[0]!.trim() : undefined;
}

function acceptsOf({ headers }: UpgradeResponse): string[] {
  return headerValues(headers, name);
}

function judge({ request, response }: Answered): Observation {
  const key = keyOf(request);
  if (key === undefined) {
    const message = "the request did not have one key, so that no accept value is right";
    return { verdict: "inconclusive", message };
  }
  const right = acceptFor(key);
  const accepts = acceptsOf(response);
  const evidence = [
    `key sent: ${key}`,
    ...accepts.slice(0, 5).map((value) => `accept received: ${theirs(value, 120)}`),
    `accept that is right: ${right}`,
  ];
  const fail = (message: string): Observation => ({ verdict: "fail", message, evidence, request });
  const [accept] = accepts;
  if (accept === undefined) return fail(`${name} is missing; for this key it is "${right}"`);
  if (accepts.length > 1) {
    return fail(`${name} came ${accepts.length} times; it may come once (RFC 6455 §11.3.3)`);
  }
  if (accept === right)
    return { verdict: "pass", message: `${name} is right for the key`, evidence };
  const why = whyWrong(accept, key) ?? "made in no way that is known here";
  return fail(`${name} is "${theirs(accept, 80)}", not "${right}": it is ${why}`);
}

/** The accept value. */
export const acceptCheck: Check = {
  rule: {
    id: "HS-05",
    title: "one Sec-WebSocket-Accept, right for the key",
    severity: "critical",
    source: "RFC 6455 §4.1, §4.2.2",
    why: "It is the only proof that the server speaks WebSocket and read this request: every client fails the connection without it.",
    fix: "base64(SHA-1(key as it was sent + 258EAFA5-E914-47DA-95CA-C5AB0DC85B11)): in Node crypto.createHash('sha1').update(key + guid).digest('base64').",
  },
  tier: "default",
  needs: "switch",
  cost: { handshakes: 0 },
  run: async ({ baseline }) => (isSwitch(baseline) ? [judge(baseline)] : []),
};

function compare(first: Answered, second: Answered, subject: Subject): Observation {
  const keys = [keyOf(first.request) ?? "", keyOf(second.request) ?? ""];
  const accepts = [acceptsOf(first.response), acceptsOf(second.response)];
  const evidence = keys.map(
    (key, index) => `key ${key}: accept ${theirs(accepts[index]!.join(", "), 120) || "missing"}`,
  );
  const [one, two] = accepts.map((values) => values.join(", "));
  if (!one || !two) {
    return { verdict: "inconclusive", message: `a 101 had no ${name} to compare`, evidence };
  }
  const repro = reproOf("HS-06", subject.target);
  if (one === two) {
    const message = `two different keys got the same ${name}: the 101 comes from a cache, or is made up`;
    return { verdict: "fail", message, evidence, repro };
  }
  const isRight = (key: string, value: string): boolean => acceptFor(key) === value;
  if (isRight(keys[0]!, one) && !isRight(keys[1]!, two)) {
    const message = `the first ${name} was right and the second is not: not every 101 is computed from its own key`;
    return { verdict: "fail", message, evidence, repro };
  }
  return {
    verdict: "pass",
    message: "two different keys got two different accept values",
    evidence,
  };
}

/** That it is not from a cache. */
export const freshAcceptCheck: Check = {
  rule: {
    id: "HS-06",
    title: "two keys get two accept values",
    severity: "critical",
    source: "practice, after RFC 6455 §1.3",
    why: "A 101 that was stored, or is always the same, makes clients believe in a WebSocket that nobody has opened.",
    fix: "Compute the value for each request, and keep caches away: a 101 is never stored, and Cache-Control: no-store on the endpoint says so to all.",
  },
  tier: "default",
  needs: "switch",
  cost: { handshakes: 1 },
  run: async (subject) => {
    const { asker, baseline } = subject;
    if (!isSwitch(baseline)) return [];
    const change = withHeader("Sec-WebSocket-Key", newKey());
    const second = await asker.ask({ vary: change, timeout: patience(subject) });
    if (isSwitch(second)) return [compare(baseline, second, subject)];
    const message = `a second request, with another key, came to ${saidOf(second)}: there is nothing to compare`;
    return [{ verdict: "inconclusive", message }];
  },
};

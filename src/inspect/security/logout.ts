/** Owns AU-4: whether logging out ends the WebSockets of the session. */
import { safeLine } from "../../base/safe-text.js";
import { parseTarget, type Target } from "../../dial/target.js";
import type { Rule } from "../../findings/rule.js";
import type { RequestHead } from "../../frame/http-head.js";
import type { Check, Observation } from "../check.js";
import { endOf } from "../heard.js";
import { admissionOf, grace, patienceWith } from "../origins/admission.js";
import { saidOf } from "../reply.js";
import type { Subject } from "../subject.js";

const rule: Rule = {
  id: "AU-4",
  title: "logging out closes the WebSocket",
  severity: "medium",
  source: "RFC 6455 §7.4.1",
  why: "Credentials are looked at once, at the upgrade. Whoever stole a session keeps what is open for as long as it lives, whatever the user ends or changes meanwhile.",
  fix: "Keep the open connections of each session, and close them with 1008 when it ends, expires or loses rights. Look at the token's expiry on a timer too.",
  cwe: 613,
};

/** The request that logs out: a URL, or a method and a URL. */
interface Logout {
  readonly method: string;
  readonly target: Target;
}

/** What was given, or the reason why it cannot be used. */
function logoutOf({ target, given }: Subject): Logout | string {
  const [, method = "GET", url = ""] = /^(?:([A-Z]+)\s+)?(.*)$/.exec(given.logoutUrl ?? "") ?? [];
  if (!/^https?:\/\//i.test(url)) return "the address for logging out is none of http or https";
  let other: Target;
  try {
    other = parseTarget(url);
  } catch {
    return "the address for logging out cannot be read";
  }
  if (other.host !== target.host) {
    return `the address for logging out is on another host, ${safeLine(other.host, 60)}: credentials are not sent there`;
  }
  if (other.port !== target.port) {
    return `the address for logging out is on another port, ${other.port}, where another server may listen: credentials are not sent there`;
  }
  if (target.secure && !other.secure) {
    return "the address for logging out is not https: credentials are not sent in the clear";
  }
  return { method, target: other };
}

/** The plain request with the same credentials. */
function plainHead(head: RequestHead, method: string): RequestHead {
  const headers = head.headers.filter(
    ([name]) => !/^(?:upgrade|connection|sec-websocket-.*)$/i.test(name),
  );
  return {
    ...head,
    method,
    headers: [
      ...headers,
      ["Accept", "*/*"],
      ...(method === "GET" ? [] : [["Content-Length", "0"] as const]),
      ["Connection", "close"],
    ],
  };
}

/** What it means that nothing was closed: whoever is logged out does not get in again. */
async function stillOpen(
  { asker, baseline }: Subject,
  first: string,
  patience: number,
): Promise<Observation> {
  const { answer, said } = admissionOf(
    await asker.ask({ watch: grace, timeout: patienceWith(baseline) }),
  );
  const message = `${first}; the WebSocket was still open ${patience / 1000} s later`;
  const evidence = [`the same credentials after that: ${said}`];
  if (answer === "rejected" || answer === "late-reject") {
    const told = `${message}; right: closed with 1008`;
    return { verdict: "fail", kind: "still open", message: told, evidence };
  }
  const why =
    answer === "accepted"
      ? "yet the same credentials still open a new one: nobody was logged out"
      : `whether anybody was logged out could not be seen: asked again, it came to ${said}`;
  return { verdict: "inconclusive", message: `${message}; ${why}`, evidence };
}

async function look(subject: Subject, patience: number): Promise<readonly Observation[]> {
  const { asker, signal } = subject;
  const inconclusive = (message: string): Observation[] => [{ verdict: "inconclusive", message }];
  const logout = logoutOf(subject);
  if (typeof logout === "string") return inconclusive(logout);
  const opened = await asker.ask({ keep: true });
  const socket = opened.kind === "answered" ? opened.socket : undefined;
  if (!socket) return inconclusive(`the WebSocket could not be opened again: ${saidOf(opened)}`);
  const { method, target } = logout;
  const reply = await asker.ask({ target, vary: (head) => plainHead(head, method) });
  const said = saidOf(reply);
  const isDone = reply.kind === "answered" && reply.response.status < 400;
  if (!isDone) {
    await socket.close();
    return inconclusive(`logging out came to ${said}, so that nothing had to follow`);
  }
  const began = socket.now;
  await socket.until(({ ended }) => ended !== undefined, patience, signal);
  const { ended } = socket.heard;
  await socket.close();
  const first = `logging out: ${said}`;
  if (!ended) return [await stillOpen(subject, first, patience)];
  const after = Math.max(0, Math.round(ended.at - began));
  const message = `${first}; the WebSocket was ${endOf(ended)} ${after} ms later`;
  if (ended.kind === "close" && ended.status.code === 1008) return [{ verdict: "pass", message }];
  return [{ verdict: "pass", message: `${message}; 1008 would tell the client why` }];
}

/**
 * AU-4.
 * @param patience milliseconds for which the close is waited for
 */
export function logoutCheck(patience: number): Check {
  return {
    rule,
    tier: "security",
    needs: "open",
    cost: { handshakes: 3, connections: 2 },
    skip: ({ given }) =>
      given.logoutUrl === undefined ? "logs out for good: asks for --logout-url" : undefined,
    run: (subject) => look(subject, patience),
  };
}

/** Owns HS-14: where redirects lead, and what would be lost on the way. */
import { isLoopback } from "../../dial/loopback.js";
import { parseTarget, type Target } from "../../dial/target.js";
import { headerValues } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { patience } from "../check-timeout.js";
import { type Reply, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { shownUrl } from "./own-repro.js";
import { theirs } from "../their-words.js";

/** Hops that are asked; browsers give up after twenty, a WebSocket has no use for one. */
const mostHops = 5;
const longestLocation = 4096;

function isRedirect(reply: Reply): boolean {
  if (reply.kind !== "answered") return false;
  const { status } = reply.response;
  return status >= 300 && status < 400 && status !== 304;
}

/** Where the answer sends to, seen from the target; undefined where that cannot be read. */
function nextOf(reply: Reply, from: Target): Target | undefined {
  if (reply.kind !== "answered") return undefined;
  const [location] = headerValues(reply.response.headers, "Location");
  if (location === undefined || location.length > longestLocation) return undefined;
  const base = `${from.secure ? "https" : "http"}://${from.authority}${from.path}`;
  if (!URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  if (!/^(?:https?|wss?):$/.test(url.protocol)) return undefined;
  url.hash = "";
  try {
    return { ...parseTarget(url.href), authorization: undefined };
  } catch {
    return undefined;
  }
}

/** Everything that was seen of a chain of redirects. */
interface Chain {
  readonly lines: string[];
  readonly targets: Target[];
  /** Why it was not followed to its end. */
  stopped: string | undefined;
  last: Reply;
}

/** Why a hop is only reported. */
function reasonToStop(
  next: Target,
  { target, options }: Subject,
  seen: readonly Target[],
): string | undefined {
  if (seen.some(({ url }) => url === next.url)) return "the redirects go round in a circle";
  if ((target.unix ?? options.unix) !== undefined)
    return "it leads away from the socket file: it was not dialled";
  if (next.host === target.host) return undefined;
  // An address on this machine is none of a remote server's business.
  if (isLoopback(next.host) && isLoopback(target.host)) return undefined;
  return "it leads to another host, which nobody asked to be inspected: it was not dialled";
}

async function follow(subject: Subject): Promise<Chain> {
  const { asker, baseline, target } = subject;
  const chain: Chain = { lines: [], targets: [target], stopped: undefined, last: baseline };
  for (let hop = 0; isRedirect(chain.last); hop++) {
    const from = chain.targets.at(-1)!;
    const next = nextOf(chain.last, from);
    const to = next ? theirs(shownUrl(next)) : "no Location that can be read";
    chain.lines.push(`${shownUrl(from)}: ${saidOf(chain.last)} → ${to}`);
    if (!next) {
      chain.stopped = "it does not say where to in a way that can be read";
      break;
    }
    chain.stopped =
      hop === mostHops
        ? `it goes on after ${mostHops} hops`
        : reasonToStop(next, subject, chain.targets);
    chain.targets.push(next);
    if (chain.stopped !== undefined) break;
    chain.last = await asker.ask({ target: next, anonymous: true, timeout: patience(subject) });
  }
  const end = chain.targets.at(-1)!;
  if (!isRedirect(chain.last)) {
    chain.lines.push(`${shownUrl(end)}: ${saidOf(chain.last)} (asked without credentials)`);
  }
  return chain;
}

function tell({ lines, last, stopped, targets }: Chain, subject: Subject): Observation[] {
  const { target, baseline } = subject;
  const end = targets.at(-1)!;
  const where = theirs(shownUrl(end));
  const request = baseline.kind === "answered" ? baseline.request : undefined;
  const outcome = stopped ?? `it ends in ${saidOf(last)} at ${where}`;
  const seen: Observation[] = [
    {
      case: "redirect",
      verdict: "warn",
      message: `the upgrade is redirected, and browsers follow no redirect of a WebSocket: ${outcome}`,
      evidence: lines,
      request,
    },
  ];
  const down = targets.findIndex(
    (each, index) => !each.secure && targets[index - 1]?.secure === true,
  );
  if (down > 0) {
    seen.push({
      case: "wss to ws",
      verdict: "fail",
      message: `the redirect leads from wss to ws, so that a client that follows it talks in the clear: ${theirs(shownUrl(targets[down]!))}`,
      evidence: lines,
      request,
    });
  }
  const foreign = targets.find(({ host }) => host !== target.host);
  if (foreign) {
    seen.push({
      case: "another host",
      verdict: "warn",
      message: `the redirect leads to another host, ${theirs(foreign.authority)}: a client that follows it must not take its cookies and tokens along`,
      evidence: lines,
      request,
    });
  }
  return seen;
}

/** Redirects. */
export const redirectCheck: Check = {
  rule: {
    id: "HS-14",
    title: "no redirect stands in the way",
    severity: "medium",
    source: "practice",
    why: "RFC 6455 §4.1 lets clients ignore redirects, and browsers do: the connection just fails. Those that follow may carry credentials where they do not belong.",
    fix: "Give clients the final wss:// address; exempt the WebSocket's path from redirects to HTTPS, to www, to a login page or to a slash at the end.",
  },
  tier: "default",
  needs: "answer",
  cost: { handshakes: mostHops },
  onlyWhen: "refused",
  run: async (subject) => {
    if (isRedirect(subject.baseline)) return tell(await follow(subject), subject);
    return [{ verdict: "pass", message: `no redirect: ${saidOf(subject.baseline)}` }];
  },
};

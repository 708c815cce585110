/** Owns TR-1: whether the same WebSocket is to be had without TLS. Nothing secret is sent to find out. */
import { detoured, PinnedResolver } from "../../dial/detour.js";
import type { DialError } from "../../dial/dial-error.js";
import type { DialOptions } from "../../dial/dial.js";
import { isLoopback } from "../../dial/loopback.js";
import { hostPort, type Target } from "../../dial/target.js";
import type { Rule } from "../../findings/rule.js";
import { headerValue, type UpgradeResponse } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { patienceWith, withoutCertificate } from "../origins/admission.js";
import { type Answered, isOpen, isSwitch, type Reply, saidOf } from "../reply.js";
import { curlOf } from "../repro.js";
import type { Subject } from "../subject.js";

const rule: Rule = {
  id: "TR-1",
  title: "the WebSocket is to be had by TLS only",
  severity: "medium",
  source: "RFC 6455 §10.6",
  why: "What goes over ws:// can be read and changed by everybody on the way, tokens and cookies included. While it is served beside wss://, one wrong address in a client is enough.",
  fix: "Serve the endpoint on the TLS listener only, and redirect the rest: nginx: server { listen 80; return 301 https://$host$request_uri; }. HAProxy: http-request redirect scheme https unless { ssl_fc }.",
  cwe: 319,
};

/** The same endpoint without TLS on that port. */
function plainOf(target: Target, port: number): Target {
  const bare = hostPort(target.host, port);
  const authority = port === 80 ? bare.slice(0, bare.lastIndexOf(":")) : bare;
  const url = `ws://${authority}${target.path}`;
  return { ...target, url, href: url, secure: false, port, authority, authorization: undefined };
}

const usualPort = 80;

/**
 * Why port 80 is left alone beside 443: what the user said of the way there holds for one port, and
 * without it another machine would be asked. Undefined where it is the same machine.
 */
async function detourAway(
  { host, port }: Target,
  { detours, resolver }: DialOptions,
): Promise<string | undefined> {
  const [usual, plain] = [port, usualPort].map((each) => detoured({ host, port: each }, detours));
  if (usual?.host !== plain?.host || usual?.port !== port || plain?.port !== usualPort) {
    return "connections are sent elsewhere (--connect-to), and that says nothing of port 80";
  }
  if (!(resolver instanceof PinnedResolver)) return undefined;
  const [here, there] = await Promise.all(
    [port, usualPort].map(async (each) => resolver.resolve(host, each).catch(() => undefined)),
  );
  // What is pinned for both was named for both.
  if (here && there && here.fresh === there.fresh) return undefined;
  return "the address is given (--resolve), and not for port 80";
}

/** A redirect to where TLS is spoken. */
function isToTls(location: string): boolean {
  return /^(?:https|wss):\/\//i.test(location);
}

/** What listeners for TLS say to who speaks HTTP to them: nginx, Apache, Go. */
const wrongPort =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|sent an HTTP request to an HTTPS server/i;

/** Whether it was an alert of TLS (RFC 8446 §6), which is no HTTP. */
function isAlert({ where }: DialError): boolean {
  return where.some((line) => line.startsWith('it began with "\u2415\u2403'));
}

/** What is told of one port; `isMute` where the same request by TLS has to say what it means. */
interface Heard {
  readonly seen: Observation;
  readonly reply: Reply;
  readonly isMute: boolean;
}

function answered(plain: Target, reply: Answered): Omit<Heard, "reply"> {
  const place = `port ${plain.port}`;
  const { status, headers } = reply.response;
  const said = saidOf(reply, 100);
  const common = { case: place, repro: curlOf(reply.request, plain) };
  const plainly = (seen: Pick<Observation, "verdict" | "severity" | "message" | "kind">) => ({
    seen: { ...common, ...seen },
    isMute: false,
  });
  if (isSwitch(reply)) {
    const what = isOpen(reply) ? "a WebSocket" : "an invalid 101";
    const message = `ws:// on ${place} is answered with ${what} without TLS`;
    return plainly({ verdict: "fail", kind: "switched", message });
  }
  const message = `ws:// on ${place}: ${said}`;
  if (status >= 300 && status < 400) {
    const location = headerValue(headers, "Location") ?? "";
    if (isToTls(location)) return plainly({ verdict: "pass", message: `${message}, to TLS` });
    const lost = `${message}, yet not to an address with TLS`;
    return plainly({ verdict: "warn", severity: "low", kind: "redirect", message: lost });
  }
  if (status === 400 && wrongPort.test(reply.body.toString("latin1"))) {
    const told = `${message}: the listener says that it wants TLS`;
    return plainly({ verdict: "pass", message: told });
  }
  const seen = { ...common, verdict: "inconclusive" as const, message };
  // Those say more of the load, or of what stands before the app, than of who asked.
  return { seen, isMute: status < 500 && status !== 429 };
}

function heardOn(plain: Target, reply: Reply): Heard {
  if (reply.kind === "answered") return { ...answered(plain, reply), reply };
  const place = `port ${plain.port}`;
  const { phase, reason } = reply.error;
  const message = `ws:// on ${place}: ${saidOf(reply, 200)}`;
  const isRefused = phase === "tcp" && reason !== "timeout" && reason !== "ports";
  const isHungUp = phase === "upgrade" && (reason === "closed" || reason === "reset");
  const isClosed = isRefused || isHungUp || isAlert(reply.error);
  const seen: Observation = {
    case: place,
    verdict: isClosed ? "pass" : "inconclusive",
    message: isAlert(reply.error) ? `ws:// on ${place}: an alert of TLS` : message,
  };
  return { seen, reply, isMute: false };
}

/** Holds an answer without TLS against that of the same request by TLS. */
function compared({ seen, reply, isMute }: Heard, secure: Reply | undefined): Observation {
  if (!isMute || reply.kind !== "answered") return seen;
  const { response } = reply;
  const bySecure = `by TLS it comes to ${secure ? saidOf(secure, 100) : "nothing"}`;
  const evidence = [`the same request, without credentials: ${bySecure}`];
  const unclear = `${seen.message}; ${bySecure}, so that it is not plain whether credentials would open it here`;
  const common = { ...seen, evidence };
  if (secure?.kind !== "answered") return { ...common, message: unclear };
  if (isOpen(secure) && response.status >= 400) {
    const message = `${seen.message}, where the same request by TLS is let in`;
    return { ...common, verdict: "pass", message };
  }
  const serverOf = ({ headers }: UpgradeResponse) => headerValue(headers, "Server");
  const isSame =
    secure.response.status === response.status && serverOf(secure.response) === serverOf(response);
  if (isSame) {
    const message = `${seen.message}, just as by TLS: the endpoint is served without TLS too, and credentials would open it; right: a redirect, or no answer at all`;
    return { ...common, verdict: "warn", confidence: "firm", kind: "same answer", message };
  }
  if (response.status === 401) {
    const message = `${seen.message}; credentials are asked for without TLS; right: a redirect, or no answer at all`;
    return { ...common, verdict: "warn", severity: "low", kind: "asks for credentials", message };
  }
  return { ...common, verdict: "info", message: unclear };
}

async function look(subject: Subject): Promise<readonly Observation[]> {
  const { target, asker, baseline, options } = subject;
  if (!target.secure) {
    const isHere = isLoopback(target.host) || (target.unix ?? options.unix) !== undefined;
    if (isHere) {
      const message = "the WebSocket is plain ws://, which stays on this machine";
      return [{ verdict: "info", message }];
    }
    const message = `the WebSocket is plain ws:// to ${target.host}: everybody on the way reads along`;
    return [{ verdict: "warn", kind: "plain", message }];
  }
  const away = target.port === 443 ? await detourAway(target, options) : undefined;
  const isBoth = target.port === 443 && away === undefined;
  const timeout = patienceWith(baseline);
  const heard: Heard[] = [];
  for (const port of isBoth ? [target.port, usualPort] : [target.port]) {
    const plain = plainOf(target, port);
    heard.push(heardOn(plain, await asker.ask({ target: plain, anonymous: true, timeout })));
  }
  // It comes after them, so that it shows as well whether the server still answers as before.
  const secure = heard.some(({ isMute }) => isMute)
    ? await asker.ask({ anonymous: true, timeout, ...withoutCertificate(options) })
    : undefined;
  const seen = heard.map((each) => compared(each, secure));
  const untried = away === undefined ? [] : [`port 80 was not tried: ${away}`];
  const told = seen.filter(({ verdict }) => verdict !== "pass");
  if (told.length > 0) {
    const [first, ...others] = told;
    return [{ ...first!, evidence: [...(first!.evidence ?? []), ...untried] }, ...others];
  }
  const evidence = [...seen.map(({ message }) => message), ...untried];
  return [{ verdict: "pass", message: "no WebSocket without TLS was found", evidence }];
}

/** TR-1. */
export const plainText: Check = {
  rule,
  tier: "security",
  needs: "answer",
  cost: { handshakes: 3 },
  skip: ({ target, options }) =>
    target.secure && (target.unix ?? options.unix) !== undefined
      ? "a socket file has no other port"
      : undefined,
  run: look,
};

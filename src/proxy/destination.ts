/** Owns where a request leads: by its form (RFC 9112 §3.2), its path, and the tunnel it came in. */
import { parseTarget, type Target } from "../dial/target.js";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { hostOf, isAmong, isLoopback } from "./host-names.js";
import type { ProxyOptions } from "./options.js";

/** A host that a client asked a tunnel to, and what it speaks inside. */
export interface Inside {
  /** Host and port, as in a URL. */
  readonly authority: string;
  readonly secure: boolean;
  /** The name that the client asked for by TLS, where it is another than the host. */
  readonly servername: string | undefined;
}

/** Where a request leads. */
export interface Destination {
  readonly target: Target;
  /** What to ask for there: path and query, as they were written. */
  readonly path: string;
  /** What the Host header says; undefined leaves it as it came. */
  readonly host: string | undefined;
  /** What Origin says, where there is one; undefined leaves it as it came. */
  readonly origin: string | undefined;
  /** Whether it is the client that chose the host. */
  readonly isForward: boolean;
  readonly servername: string | undefined;
}

/** A request that leads nowhere. */
export class Nowhere extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const absoluteForm = /^(https?|wss?):\/\/([^/?#]*)(.*)$/is;

/**
 * Where a request leads.
 *
 * @param target of the request, as it stands in its first line
 * @param host what its Host header says
 * @param divert leads to another target than the one that was told for that path
 * @throws Nowhere with the status to answer with
 */
export function destinationOf(
  target: string,
  host: string | undefined,
  inside: Inside | undefined,
  options: ProxyOptions,
  divert?: (usual: Target) => Target,
): Destination {
  const absolute = absoluteForm.exec(target);
  if (absolute) {
    if (!inside) refuseForward(options);
    const [, scheme = "", authority = "", rest = ""] = absolute;
    return forward(`${scheme}://${authority}`, rest, inside?.servername, true);
  }
  if (!target.startsWith("/")) throw new Nowhere(400, "this request target is not understood");
  if (inside) {
    const scheme = inside.secure ? "wss" : "ws";
    return forward(`${scheme}://${inside.authority}`, target, inside.servername, false);
  }
  refuseStrange(host, options);
  return reverse(target, options, divert);
}

/** @throws Nowhere where clients do not choose the host themselves */
export function refuseForward({ forward: isAllowed, target, routes = [] }: ProxyOptions): void {
  if (isAllowed === true || (target === undefined && routes.length === 0)) return;
  throw new Nowhere(403, "this leads to its target alone; --forward lets clients ask for others");
}

/** @throws Nowhere for a Host that nobody calls this place by who means it */
function refuseStrange(
  host: string | undefined,
  { allowHosts, target, routes = [] }: ProxyOptions,
): void {
  if (allowHosts === undefined || host === undefined) return;
  const name = hostOf(host);
  const own = [...(target ? [target] : []), ...routes.map((route) => route.target)];
  if (isLoopback(name) || isAmong(name, allowHosts)) return;
  if (own.some(({ authority }) => hostOf(authority) === name)) return;
  throw new Nowhere(
    421,
    `the Host "${safeLine(name, 80)}" is none of this proxy's: --allow-host takes it`,
  );
}

function forward(
  base: string,
  rest: string,
  servername: string | undefined,
  setsHost: boolean,
): Destination {
  let target: Target;
  try {
    target = parseTarget(`${base}/`);
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    throw new Nowhere(400, messageOf(error));
  }
  return {
    target,
    path: rest.startsWith("/") ? rest : `/${rest}`,
    // RFC 9112 §3.2.2: a proxy goes by the target, and makes Host say the same.
    host: setsHost ? target.authority : undefined,
    origin: undefined,
    isForward: true,
    servername,
  };
}

function reverse(
  asked: string,
  options: ProxyOptions,
  divert = (usual: Target): Target => usual,
): Destination {
  const { setHost = "target", setOrigin = "keep" } = options;
  const route = routeOf(asked, options);
  const usual = route?.target ?? options.target;
  if (!usual) {
    const what = options.routes?.length
      ? "no route is for this path"
      : "this is an HTTP proxy: ask it for whole URLs, or start it with --target";
    throw new Nowhere(options.routes?.length ? 404 : 400, what);
  }
  const target = divert(usual);
  const scheme = target.secure ? "https" : "http";
  return {
    target,
    path: pathAt(target, asked, route?.prefix ?? "/"),
    host: setHost === "keep" ? undefined : setHost === "target" ? target.authority : setHost.value,
    origin:
      setOrigin === "keep"
        ? undefined
        : setOrigin === "target"
          ? `${scheme}://${target.authority}`
          : setOrigin.value,
    isForward: false,
    servername: undefined,
  };
}

function routeOf(
  asked: string,
  { routes = [] }: ProxyOptions,
): { prefix: string; target: Target } | undefined {
  const path = asked.split("?", 1)[0]!;
  let best: { prefix: string; target: Target } | undefined;
  for (const { prefix, target } of routes) {
    const base = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
    const isFor = path === base || path.startsWith(`${base}/`);
    if (isFor && base.length >= (best?.prefix.length ?? 0)) best = { prefix: base, target };
  }
  return best;
}

/**
 * The path to ask the target for. One that has a path of its own is asked for that, where just the
 * place was asked for that leads there; everything else goes by the path that was asked for.
 */
function pathAt(target: Target, asked: string, prefix: string): string {
  const at = asked.indexOf("?");
  const path = at < 0 ? asked : asked.slice(0, at);
  if (target.path === "/" || (path !== prefix && path !== `${prefix}/` && path !== "/")) {
    return asked;
  }
  if (at < 0) return target.path;
  return `${target.path}${target.path.includes("?") ? "&" : "?"}${asked.slice(at + 1)}`;
}

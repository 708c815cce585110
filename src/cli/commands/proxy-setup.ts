/** Owns what `wsctl proxy` makes of its flags: where it leads, what it keeps, what acts on messages. */
import { WsctlError } from "../../base/errors.js";
import { redactUrl } from "../../base/redact-url.js";
import { safeLine } from "../../base/safe-text.js";
import type { DialOptions } from "../../dial/dial.js";
import { parseTarget, type Target } from "../../dial/target.js";
import { isLoopback } from "../../proxy/host-names.js";
import type { HeaderRule, ProxyOptions, ProxyRoute } from "../../proxy/options.js";
import { Rules } from "../../proxy/rules.js";
import { connectionSpec } from "../connection-spec.js";
import { dialOptions } from "../dial-options.js";
import { type Host, version } from "../host.js";
import { Redactors } from "../proxy/hidden.js";
import { fileBytes } from "../text-source.js";
import type { ProxyFlags } from "./proxy-options.js";

const usualPayload = "16MiB";

/** Where a proxy leads and how it gets there. */
export type ProxyPlan = Pick<
  ProxyOptions,
  "target" | "routes" | "setHost" | "setOrigin" | "dial" | "record"
> & {
  /** What its recordings hide, so that the view hides it too. */
  readonly redactors: Redactors | undefined;
};

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/**
 * Everything that is known before anything is opened.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function planOf(host: Host, flags: ProxyFlags): ProxyPlan {
  const { target, route = [], record, fsync, pause, redact = [] } = flags;
  if (record === undefined && !pause) {
    refuse(
      "--no-pause says nothing without --record",
      "it is for a disk that is slow: add --record DIR",
    );
  }
  if (record === undefined && redact.length > 0) {
    refuse(
      "--redact says nothing without --record",
      "without a recording, messages are shown as they are",
    );
  }
  if (flags.only && !forwards(flags)) {
    refuse(
      "--only says nothing without --forward",
      "with --target or --route, no client asks for another host: add --forward",
    );
  }
  const targets = [
    ...(target === undefined ? [] : [parseTarget(target)]),
    ...route.map((each) => routeOf(each).target),
  ];
  if (targets.some((each) => isOwn(each, flags))) {
    refuse(
      `the proxy would lead to itself: it listens on port ${flags.port}`,
      "name the server's port with --target, or listen on another one: --port",
    );
  }
  const redactors = record === undefined ? undefined : new Redactors(redact, redact.length > 0);
  return {
    redactors,
    target: target === undefined ? undefined : parseTarget(target),
    routes: route.map(routeOf),
    setHost: hostRule(flags),
    setOrigin: originRule(flags),
    dial: dialOf(host, flags),
    record:
      record === undefined
        ? undefined
        : {
            directory: record,
            tool: `wsctl/${version()}`,
            fsync,
            redactor: redactors?.begin,
            pause,
          },
  };
}

/** Whether clients choose where they are led: there is nowhere else to lead, or it was asked for. */
export function forwards({ forward, target, route }: ProxyFlags): boolean {
  return forward === true || (target === undefined && !route);
}

/** Whether that is where the proxy itself listens. */
function isOwn({ host, port, unix }: Target, flags: ProxyFlags): boolean {
  if (unix !== undefined || port !== flags.port) return false;
  // A name may be led elsewhere.
  if (flags.resolve || flags.connectTo) return false;
  const isAll = flags.host === "0.0.0.0" || flags.host === "::";
  return (isAll && isLoopback(host)) || addressOf(host) === addressOf(flags.host);
}

function addressOf(host: string): string {
  return host === "localhost" ? "127.0.0.1" : host;
}

/** @throws WsctlError WSCTL_EUSAGE */
function routeOf(text: string): ProxyRoute {
  const [, prefix = "", url = ""] = /^(\/[^=?#\s]*)=(.+)$/.exec(text) ?? [];
  if (prefix === "") {
    refuse(
      `"${safeLine(text, 80)}" is no route`,
      "write it like --route /chat=ws://127.0.0.1:9000",
    );
  }
  return { prefix, target: parseTarget(url) };
}

function hostRule({ setHost, keepHost }: ProxyFlags): HeaderRule {
  if (keepHost) return "keep";
  return setHost === undefined ? "target" : { value: headerValue("--set-host", setHost) };
}

function originRule({ setOrigin }: ProxyFlags): HeaderRule {
  if (setOrigin === undefined) return "keep";
  if (setOrigin === "target") return "target";
  if (setOrigin === "null" || isOrigin(setOrigin)) return { value: setOrigin };
  return refuse(
    `--set-origin: "${safeLine(setOrigin, 80)}" is no origin`,
    "write it like https://app.example.com, without a path; or null, or target for the target's own",
  );
}

/** A scheme and a host, perhaps a port (RFC 6454 §6.1). */
function isOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[!-~]+$/i.test(text) && !/:\/\/.*[/?#@\\]/.test(text);
}

/** What may stand in a header, and is no more than one. */
function headerValue(flag: string, value: string): string {
  if (/^[!-~](?:[ -~]*[!-~])?$/.test(value)) return value;
  return refuse(`${flag} is no value of a header`, "it is printable ASCII");
}

/**
 * Proxies of the environment are not used: they may well be this one.
 * @throws WsctlError WSCTL_EUSAGE
 */
function dialOf(host: Host, flags: ProxyFlags): ProxyOptions["dial"] {
  const spec = connectionSpec({ ...flags, maxPayload: usualPayload, proxy: false }, [], host.env);
  const { request: _request, ...dial }: DialOptions = dialOptions(spec);
  return dial;
}

/** @throws WsctlError WSCTL_EUSAGE for a rule that cannot be understood */
export function rulesOf(host: Host, flags: ProxyFlags, seed: string): Rules {
  const env = Object.entries(host.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const sources = {
    file: fileBytes,
    env: new Map(env),
    wallClock: () => host.date().getTime(),
    now: () => host.monotonic(),
  };
  return new Rules(flags.rule ?? [], sources, seed);
}

/** Where it leads, in words and without secrets; the longest routes first, as they are looked for. */
export function targetsInWords({
  target,
  routes = [],
}: Pick<ProxyPlan, "target" | "routes">): string[] {
  const named = routes.map(({ prefix, target: to }) => `${prefix} → ${redactUrl(to.url)}`);
  return [...named, ...(target === undefined ? [] : [redactUrl(target.url)])];
}

/** Owns the rows of the origin matrix, in its order, for one allowed Origin. */
import { isLoopback } from "../../dial/loopback.js";
import { type AllowedOrigin, originOf, type OriginParts } from "./allowed-origin.js";
import { evil, lookalikesOf } from "./lookalikes.js";
import type { Trial } from "./trial.js";

const noParts = "the allowed Origin is no http or https address";

function unrelated({ text, parts }: AllowedOrigin): Trial[] {
  const foreign = `${parts?.scheme ?? "https"}://${evil}`;
  const odd = { kind: "ambiguous", verdict: "warn", severity: "low" } as const;
  return [
    {
      name: "exact",
      kind: "exact",
      origins: [text],
      verdict: "info",
      severity: "info",
      means: "it is the allowed one",
    },
    {
      name: "other site",
      kind: "foreign",
      origins: [foreign],
      verdict: "warn",
      severity: "medium",
      means: "it has nothing to do with the allowed one",
    },
    {
      name: "null",
      kind: "null",
      origins: ["null"],
      verdict: "warn",
      severity: "medium",
      means: "any page can have that Origin, from within a sandboxed iframe or a data: address",
    },
    {
      name: "missing",
      kind: "missing",
      origins: [],
      verdict: "info",
      severity: "info",
      means: "browsers always send one, so no page gets in by that; other programs do",
    },
    {
      name: "empty",
      kind: "missing",
      origins: [""],
      verdict: "info",
      severity: "info",
      means: "browsers never send an empty one, so no page gets in by that",
    },
    {
      ...odd,
      name: "two Origin headers",
      origins: [text, foreign],
      means: "browsers send one; servers and proxies differ in which of two they look at",
    },
    {
      ...odd,
      name: "a list",
      origins: [`${text} ${foreign}`],
      means: "browsers send one; the check only looks at how the value begins",
    },
    {
      ...odd,
      name: "Host of the other site",
      origins: [foreign],
      host: evil,
      means:
        "the Origin is compared with the Host that the client sends, so a page whose name is made to lead here (DNS rebinding) gets in; compare with a fixed list",
    },
    {
      ...odd,
      name: "X-Forwarded-Host of the other site",
      origins: [foreign],
      forwardedHost: evil,
      means:
        "the Origin is compared with X-Forwarded-Host, which any client may send; let the proxy overwrite it, or compare with a fixed list",
    },
  ];
}

function neighbours(parts: OriginParts): (Trial | readonly [name: string, reason: string])[] {
  const { scheme, host, port, isAddress } = parts;
  const near = { kind: "neighbour", verdict: "warn", severity: "low" } as const;
  const spelt = { kind: "spelling", verdict: "info", severity: "info" } as const;
  const other = scheme === "https" ? "http" : "https";
  const next = port === "" ? "8443" : String(port === "65535" ? 65_534 : Number(port) + 1);
  const text = originOf(parts);
  return [
    {
      ...near,
      name: `${other} instead of ${scheme}`,
      origins: [originOf({ ...parts, scheme: other })],
      verdict: other === "http" ? "warn" : "info",
      severity: other === "http" ? "medium" : "info",
      means:
        other === "http"
          ? "whoever is on the victim's network can forge a page of that address"
          : "it is the same host, better secured",
    },
    {
      ...near,
      name: "other port",
      origins: [originOf({ ...parts, port: next })],
      means: "whatever else runs on that host gets in too",
    },
    { ...spelt, name: "trailing slash", origins: [`${text}/`], means: "no browser sends that" },
    { ...spelt, name: "upper case", origins: [text.toUpperCase()], means: "no browser sends that" },
    isAddress
      ? ["sub.H", "an address has no subdomains"]
      : {
          ...near,
          name: "sub.H",
          origins: [originOf({ ...parts, host: `sub.${host}` })],
          means: "every subdomain is trusted, one that was taken over or can be scripted as well",
        },
    isLoopback(host)
      ? ["localhost", "the allowed host is on this machine itself"]
      : {
          ...near,
          name: "localhost",
          origins: [`${scheme}://localhost`],
          means: "what was meant for development is left in: any program there can serve a page",
        },
    {
      ...near,
      name: "private address",
      // Not one that a router has, since that may well be the allowed one.
      origins: [`${scheme}://${host === "192.168.77.7" ? "10.77.7.7" : "192.168.77.7"}`],
      means: "any device on some private network can serve a page of that address",
    },
  ];
}

const derivedNames = ["http↔https", "other port", "trailing slash", "upper case", "sub.H"];

/** Every row by its name: what to try, or the reason why it makes no sense here. */
export function trialsOf(allowed: AllowedOrigin): ReadonlyMap<string, Trial | string> {
  const fixed = unrelated(allowed);
  const isOdd = ({ kind }: Trial) => kind === "ambiguous";
  const trials = new Map<string, Trial | string>();
  for (const trial of fixed.filter((each) => !isOdd(each))) trials.set(trial.name, trial);
  if (allowed.parts) {
    for (const each of neighbours(allowed.parts)) {
      if ("kind" in each) trials.set(each.name, each);
      else trials.set(each[0], each[1]);
    }
    for (const [name, each] of lookalikesOf(allowed.parts)) trials.set(name, each);
  } else {
    for (const name of [...derivedNames, "look-alikes"]) trials.set(name, noParts);
  }
  for (const trial of fixed.filter(isOdd)) trials.set(trial.name, trial);
  return trials;
}

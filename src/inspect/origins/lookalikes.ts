/**
 * Owns Origins that look like the allowed one and belong to somebody else: what slips through checks
 * that search, that compare beginnings or ends, or whose dots match anything.
 */
import { domainToASCII } from "node:url";
import { type OriginParts, originOf } from "./allowed-origin.js";
import type { Trial } from "./trial.js";

/** Nobody has this domain (RFC 2606 §2). */
export const evil = "evil.example";

/** Letters of Latin, and letters of Cyrillic that look the same. */
const twins: ReadonlyMap<string, string> = new Map([
  ["a", "\u0430"],
  ["c", "\u0441"],
  ["e", "\u0435"],
  ["o", "\u043e"],
  ["p", "\u0440"],
  ["x", "\u0445"],
  ["y", "\u0443"],
  ["i", "\u0456"],
]);

/** The host with one letter of the name under the top level replaced; undefined where none can be. */
function twinOf(host: string): string | undefined {
  const labels = host.split(".");
  const at = Math.max(0, labels.length - 2);
  const label = labels[at]!;
  const index = label.split("").findIndex((letter) => twins.has(letter));
  if (index < 0 || label.startsWith("xn--")) return undefined;
  labels[at] = `${label.slice(0, index)}${twins.get(label[index]!)!}${label.slice(index + 1)}`;
  const ascii = domainToASCII(labels.join("."));
  return ascii === "" || ascii === host ? undefined : ascii;
}

/** The domain above the host, as far as a guess without the list of public suffixes goes. */
function parentOf(host: string): string | undefined {
  const labels = host.split(".");
  const isShort = labels.length > 3 && labels.at(-1)!.length === 2 && labels.at(-2)!.length <= 3;
  const kept = isShort ? 3 : 2;
  return labels.length > kept ? labels.slice(-kept).join(".") : undefined;
}

/** The dots but the last as letters: what a pattern takes for the host when they are not escaped. */
function undotted(host: string): string | undefined {
  const labels = host.split(".");
  if (labels.length < 2) return undefined;
  const last = labels.length > 2 ? `.${labels.pop()!}` : "";
  return `${labels.join("x")}${last}`;
}

const noAddress = "the allowed host is an address, and no page could be of that name";
const search = "a check that searches for the allowed host, or compares how the Origin begins";

/** One look-alike: the host in place of the allowed one, undefined where there is none to be had. */
interface Lookalike {
  readonly name: string;
  readonly host: string | undefined;
  /** Why there is none, for names. */
  readonly lack?: string;
  /** `high` unless told. */
  readonly severity?: Trial["severity"];
  readonly means: string;
}

function all({ host, isAddress }: OriginParts): Lookalike[] {
  const named = isAddress ? undefined : host;
  const parent = named && parentOf(named);
  // Behind a bracket nothing can follow.
  const longer = host.startsWith("[") ? undefined : host;
  return [
    {
      name: "H.evil",
      host: longer && `${longer}.${evil}`,
      means: `anybody can have that name under a domain of theirs; ${search}, lets it in`,
    },
    {
      name: "evilH",
      host: named && `evil${named}`,
      means: "a check that compares how the Origin ends lets it in",
    },
    {
      name: "evil + parent of H",
      host: parent && `evil${parent}`,
      lack: "the allowed host has no domain above it",
      means: "anybody can register that domain; a check of how the name ends forgets the dot",
    },
    {
      name: "dots as letters",
      host: named && undotted(named),
      lack: "the allowed host has no dots",
      means: "the dots of a pattern are not escaped, and match any letter: write \\.",
    },
    {
      name: "H@evil",
      host: `${host}@${evil}`,
      severity: "medium",
      means: `browsers send no user in an Origin, yet it shows ${search}`,
    },
    {
      name: "evil#H",
      host: `${evil}#${host}`,
      severity: "medium",
      means: "browsers send no fragment in an Origin, yet it shows a check of how the Origin ends",
    },
    {
      name: "H`evil",
      host: longer && `${longer}\`.${evil}`,
      means: "some browsers take a backtick in a name; a check that stops at it lets the rest in",
    },
    {
      name: "H_.evil",
      host: longer && `${longer}_.${evil}`,
      means: "browsers take an underscore in a name; a check that stops at it lets the rest in",
    },
    {
      name: "IDN twin",
      host: named && twinOf(named),
      lack: "no letter of the allowed host has a twin",
      means: "the name has a Cyrillic letter that looks the same, and anybody can register it",
    },
  ];
}

/** The look-alikes of an Origin by their names; the reason for those that make no sense. */
export function lookalikesOf(parts: OriginParts): ReadonlyMap<string, Trial | string> {
  const trials = new Map<string, Trial | string>();
  for (const { name, host, lack = noAddress, severity = "high", means } of all(parts)) {
    const trial = (other: string): Trial => {
      const origins = [originOf({ ...parts, host: other })];
      return { name, kind: "lookalike", origins, verdict: "fail", severity, means };
    };
    const reason = parts.isAddress ? noAddress : lack;
    trials.set(name, host === undefined ? reason : trial(host));
  }
  return trials;
}

/** Owns the upgrade as a HAR entry has it: request, response and timings, both ways. */
import type { Header } from "../../frame/upgrade.js";
import { headerValue } from "../../frame/upgrade.js";
import type { RecordingHeader, UpgradeLine } from "../line.js";
import { type Foreign, numberOf, objectOf } from "./foreign.js";
import { harPairs, headersOf, isPseudo, queryPairs, targetOf } from "./headers.js";
import { rounded } from "./row-time.js";
import type { HarSocket } from "./socket-entry.js";

/** What of an upgrade HAR has no place for: kept in a field of its own. */
const hasPlace = new Set(["k", "status", "request", "response"]);

/** The milliseconds of a phase; -1 says that it did not take place. */
function phase(timings: Foreign | undefined, name: string): number | undefined {
  const ms = numberOf(timings?.[name]);
  return ms === undefined || ms < 0 ? undefined : ms;
}

/**
 * The phases of opening. HAR counts TLS as a part of `connect`, which mitmproxy does not.
 */
function phasesOf(timings: Foreign | undefined): Record<string, number> | undefined {
  const connect = phase(timings, "connect");
  const tls = phase(timings, "ssl");
  const tcp = connect === undefined || tls === undefined || tls > connect ? connect : connect - tls;
  const upgrade = (phase(timings, "send") ?? 0) + (phase(timings, "wait") ?? 0);
  const known = {
    dns: phase(timings, "dns"),
    tcp,
    tls,
    upgrade: upgrade > 0 ? upgrade : undefined,
  };
  const entries = Object.entries(known).flatMap(([name, ms]): [string, number][] =>
    ms === undefined ? [] : [[name, rounded(ms)]],
  );
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** The upgrade of a foreign entry, and what had to be guessed. */
interface ForeignUpgrade {
  /** Undefined where the file does not say how it went. */
  readonly lineAt: ((t: number) => UpgradeLine) | undefined;
  /** Milliseconds that it took. */
  readonly took: number;
  readonly notes: readonly string[];
}

/** The upgrade of an entry that another tool wrote. */
export function upgradeOf({ entry, url, status, messages }: HarSocket): ForeignUpgrade {
  const phases = phasesOf(objectOf(entry["timings"]));
  const took = Object.values(phases ?? {}).reduce((sum, ms) => sum + ms, 0);
  if (status === 0 && messages === 0) {
    const note = "how the upgrade was answered is not in the file";
    return { lineAt: undefined, took: 0, notes: [note] };
  }
  const request = headersOf(objectOf(entry["request"])?.["headers"]);
  const response = headersOf(objectOf(entry["response"])?.["headers"]);
  const notes: string[] = [];
  if (status === 0) notes.push("the status of the upgrade is not in the file: 101 is assumed");
  if ([...request, ...response].some(isPseudo)) {
    notes.push("the socket was opened over HTTP/2, whose pseudo-headers are left out");
  }
  const target = targetOf(url);
  const lineAt = (t: number): UpgradeLine => ({
    t,
    k: "upgrade",
    status: status === 0 ? 101 : status,
    ...(target === undefined ? {} : { target }),
    request: request.filter((header) => !isPseudo(header)),
    response: response.filter((header) => !isPseudo(header)),
    ...(phases ? { phases } : {}),
  });
  return { lineAt, took, notes };
}

/** The upgrade of an entry that was exported from a recording; undefined where it began otherwise. */
export function ownUpgradeOf({ entry, status }: HarSocket): Foreign | undefined {
  const rest = objectOf(entry["_wsctlUpgrade"]);
  if (!rest || numberOf(rest["t"]) === undefined) return undefined;
  const { t, target, phases, ...more } = rest;
  return {
    t,
    k: "upgrade",
    status,
    ...(target === undefined ? {} : { target }),
    request: headersOf(objectOf(entry["request"])?.["headers"]),
    response: headersOf(objectOf(entry["response"])?.["headers"]),
    ...(phases === undefined ? {} : { phases }),
    ...Object.fromEntries(Object.entries(more).filter(([name]) => !hasPlace.has(name))),
  };
}

/** What HAR has no place for. */
export function upgradeExtras(line: UpgradeLine): Foreign {
  return Object.fromEntries(Object.entries(line).filter(([name]) => !hasPlace.has(name)));
}

/** An absolute URL in any case, which readers of HAR rely on. */
function urlOf({ url }: RecordingHeader, upgrade: UpgradeLine | undefined): string {
  if (URL.canParse(url)) return url;
  const host = headerValue(upgrade?.request ?? [], "host");
  const made = `ws://${host ?? "unknown.invalid"}${upgrade?.target ?? "/"}`;
  return URL.canParse(made) ? made : "ws://unknown.invalid/";
}

const nothing: readonly Header[] = [];

/** The `request` and `response` of an entry, with every field that HAR 1.2 and Chrome ask for. */
export function requestAndResponse(
  header: RecordingHeader,
  upgrade: UpgradeLine | undefined,
): { request: object; response: object } {
  const url = urlOf(header, upgrade);
  const answer = upgrade?.response ?? nothing;
  const common = { httpVersion: "HTTP/1.1", cookies: [], headersSize: -1, bodySize: -1 };
  return {
    request: {
      method: "GET",
      url,
      ...common,
      headers: harPairs(upgrade?.request ?? nothing),
      queryString: queryPairs(url),
    },
    response: {
      status: upgrade?.status ?? 0,
      statusText: upgrade?.status === 101 ? "Switching Protocols" : "",
      ...common,
      headers: harPairs(answer),
      content: { size: 0, mimeType: headerValue(answer, "content-type") ?? "x-unknown" },
      redirectURL: headerValue(answer, "location") ?? "",
    },
  };
}

/** The `timings` of an entry, in ms; `total` is its `time`. */
export function timingsOf(upgrade: UpgradeLine | undefined, total: number): object {
  const phases: Foreign = upgrade?.phases ?? {};
  const dns = phase(phases, "dns");
  const ssl = phase(phases, "tls");
  const connect = (phase(phases, "tcp") ?? 0) + (phase(phases, "proxy") ?? 0) + (ssl ?? 0);
  const wait = phase(phases, "upgrade") ?? 0;
  const opening = (dns ?? 0) + connect + wait;
  return {
    blocked: -1,
    dns: dns ?? -1,
    connect: upgrade?.phases ? rounded(connect) : -1,
    ssl: ssl ?? -1,
    send: 0,
    wait,
    receive: Math.max(0, rounded(total - opening)),
  };
}

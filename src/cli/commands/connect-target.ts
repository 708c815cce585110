/** Owns what `wsctl connect` connects to, and how: the URL, from wherever it comes, and all that is configured. */
import { WsctlError } from "../../base/errors.js";
import { parseBackoff } from "../../base/backoff.js";
import { localAddresses } from "../../base/local-addresses.js";
import { formatDuration, parseDuration, parseSize } from "../../base/quantity.js";
import { longestTimer } from "../../base/timer.js";
import { parseTarget } from "../../dial/target.js";
import type { SessionOptions } from "../../session/session-options.js";
import { compressionOffer } from "../compression-flags.js";
import { configPlace } from "../config-place.js";
import { configure } from "../config.js";
import type { ConfigFlags } from "../config-keys.js";
import { connectionSpec } from "../connection-spec.js";
import { parseCurl } from "../curl.js";
import { dialOptions } from "../dial-options.js";
import type { Host } from "../host.js";
import { urlWarnings } from "../url-secrets.js";
import type { OwnWords } from "./connect-messages.js";
import type { ConnectFlags } from "./connect-options.js";

/** What was written on the command line. */
export interface Given {
  readonly flags: ConnectFlags;
  /** The argument. */
  readonly url: string | undefined;
  readonly isGiven: (flag: string) => boolean;
}

/** Where to connect, with everything that was configured. */
export interface Place {
  readonly url: string;
  readonly flags: ConnectFlags;
  /** What to tell on stderr, a line each. */
  readonly notes: readonly string[];
  /** Names of headers, in small letters, whose values the configuration keeps elsewhere. */
  readonly secretHeaders: ReadonlySet<string>;
}

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/** The URL that followed `--reconnect` and was taken for its value. */
function urlTaken({ flags: { reconnect }, url }: Given): string | undefined {
  if (typeof reconnect !== "string" || url !== undefined) return undefined;
  return /^@|^[^=,]*:/.test(reconnect) ? reconnect : undefined;
}

/** What was given, with the words of wscat put into ours. */
function inOurWords(given: Given): Given {
  const { check, ...rest } = given.flags;
  const insecure = check ? rest.insecure : true;
  const flags = { ...rest, check, ...(insecure === undefined ? {} : { insecure }) };
  const isGiven = (flag: string): boolean => given.isGiven(flag) || (flag === "insecure" && !check);
  const url = urlTaken(given);
  if (url === undefined) return { ...given, flags, isGiven };
  return { url, flags: { ...flags, reconnect: true }, isGiven };
}

/** Every word that names where to connect. */
function namesOf({ url, flags }: Given): string[] {
  const { connect, curl, serve } = flags;
  return [
    ...(url === undefined ? [] : ["a URL"]),
    ...(connect === undefined ? [] : ["-c"]),
    ...(curl === undefined ? [] : ["--curl"]),
    ...(serve ? ["--serve"] : []),
  ];
}

/**
 * Finds where to connect.
 *
 * @param served the URL of the embedded server, once it runs; anything until then
 * @throws WsctlError WSCTL_EUSAGE for nowhere, for several places, and for mistakes in flags and files
 */
export function placeOf(host: Host, typed: Given, served: string): Place {
  const given = inOurWords(typed);
  const names = namesOf(given);
  if (names.length > 1) refuse(`${names.join(" and ")} exclude each other`, "leave one of them");
  if (names.length === 0) {
    refuse("no URL was given", "name a server, or add --serve to start an embedded echo server");
  }
  const { serve, curl, connect } = given.flags;
  const command = curl === undefined ? undefined : parseCurl(curl, "-x");
  const url = serve ? served : (command?.url ?? connect ?? given.url!);
  // What the environment says of proxies does not mean a server that was started for this.
  const ofCurl = command?.flags ?? {};
  const isGiven = (flag: keyof ConfigFlags): boolean =>
    given.isGiven(flag) || Object.hasOwn(ofCurl, flag) || (flag === "proxy" && serve === true);
  const flags = { ...given.flags, ...(serve ? { proxy: false as const } : {}) };
  for (const [flag, value] of Object.entries(ofCurl)) {
    if (flag === "header") flags.header = [...(value as string[]), ...(flags.header ?? [])];
    else if (!given.isGiven(flag)) Object.assign(flags, { [flag]: value });
  }
  const configured = configure([url], flags, isGiven, {
    ...configPlace(host),
    session: true,
  });
  return {
    url: configured.urls[0]!,
    flags: configured.flags,
    secretHeaders: configured.secretHeaders,
    notes: [
      ...(command?.notes ?? []).map((note) => `curl: ${note}`),
      ...[...configured.warnings, ...urlWarnings([url])].map((line) => `warning: ${line}`),
    ],
  };
}

/**
 * How a session with that place behaves.
 *
 * @throws WsctlError WSCTL_EUSAGE for flags that cannot be used
 */
export function sessionOptions(
  { url, flags }: Place,
  env: Host["env"],
  words: OwnWords,
): SessionOptions {
  const target = parseTarget(url);
  const spec = connectionSpec(flags, [target], env);
  const { reconnect, ping } = flags;
  const interval = ping === undefined ? undefined : parseDuration(ping);
  if (interval === 0) refuse("--ping 0 would ping without a pause", "leave it out for no pings");
  if (interval !== undefined && interval > longestTimer) {
    refuse(`--ping ${ping} is too long`, `at most ${formatDuration(longestTimer)}`);
  }
  return {
    target,
    dial: dialOptions(spec),
    localAddresses: localAddresses(spec.localAddress),
    compression: compressionOffer(flags, true),
    maxPayload: parseSize(spec.maxPayload),
    reconnect:
      reconnect === undefined || reconnect === false
        ? undefined
        : parseBackoff(reconnect === true ? "" : reconnect),
    ping: interval,
    ...words,
  };
}

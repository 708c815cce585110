/** Owns where `wsctl replay` replays recordings, and how it dials: the recording, flags, configuration. */
import { WsctlError } from "../../base/errors.js";
import { localAddresses } from "../../base/local-addresses.js";
import { parseSize } from "../../base/quantity.js";
import { redactUrl } from "../../base/redact-url.js";
import { safeLine } from "../../base/safe-text.js";
import { parseTarget, type Target } from "../../dial/target.js";
import type { UpgradeLine } from "../../recording/line.js";
import { isRedacted, recordedRequest } from "../../replay/recorded-request.js";
import type { Survey } from "../../replay/survey.js";
import type { ConnectionSpec } from "../../scenario/scenario.js";
import type { SessionOptions } from "../../session/session-options.js";
import { compressionOffer } from "../compression-flags.js";
import { configPlace } from "../config-place.js";
import { configure } from "../config.js";
import { connectionSpec, type SecretHeaders } from "../connection-spec.js";
import { dialOptions } from "../dial-options.js";
import type { Host } from "../host.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { urlWarnings } from "../url-secrets.js";
import type { ReplayFlags } from "./replay-options.js";

/** One recording that was looked through. */
export interface Surveyed {
  readonly file: string;
  readonly survey: Survey;
}

/** How recordings are dialled. */
export interface ReplayPlace {
  readonly targets: readonly Target[];
  readonly spec: ConnectionSpec;
  readonly flags: ReplayFlags & SecretHeaders;
  /** What to tell on stderr, a line each. */
  readonly notes: readonly string[];
}

/** The address with the recorded path, where it has none of its own. */
function withPath(url: string, target: string | undefined): string {
  const rest = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  const hasPath = /[/?#]./.test(rest);
  if (hasPath || target === undefined || !target.startsWith("/")) return url;
  return url.replace(/\/$/, "") + target;
}

/** The address in the recording. @throws WsctlError WSCTL_EUSAGE where it has none that is whole */
function recordedUrl({ file, survey }: Surveyed): string {
  const { header, isAddressRedacted } = survey;
  if (header.url !== "" && !isAddressRedacted) return header.url;
  const what =
    header.url === "" ? "does not say where it was made" : "hides secrets of its address";
  throw new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)} ${what}`, {
    hint: "name the URL behind the files, whole: wsctl replay FILE 'wss://example.test/?token=…'",
  });
}

/**
 * Finds where each recording is replayed.
 *
 * @param named the URL or profile of the command line, or of the embedded server
 * @throws WsctlError WSCTL_EUSAGE for mistakes in flags and files
 */
export async function replayPlace(
  host: Host,
  surveyed: readonly Surveyed[],
  named: string | undefined,
  given: { readonly flags: ReplayFlags; readonly isGiven: (flag: string) => boolean },
): Promise<ReplayPlace> {
  const urls = surveyed.map((one) => named ?? recordedUrl(one));
  // What the environment says of proxies does not mean a server that was started for this.
  const { serve } = given.flags;
  const flags = { ...given.flags, ...(serve ? { proxy: false as const } : {}) };
  const isGiven = (flag: string): boolean =>
    given.isGiven(flag) || (flag === "proxy" && serve === true);
  const configured = configure(urls, flags, isGiven, configPlace(host));
  const asked = await withAskedSecrets(configured.flags, host);
  const all = { ...asked, secretHeaders: configured.secretHeaders };
  const whole = configured.urls.map((url, index) => {
    const { target } = surveyed[index]!.survey;
    return named === undefined ? url : withPath(url, target);
  });
  const targets = whole.map(parseTarget);
  const warnings = [...configured.warnings, ...urlWarnings(named === undefined ? [] : [named])];
  return {
    targets,
    spec: connectionSpec(all, targets, host.env),
    flags: all,
    notes: warnings.map((line) => `warning: ${line}`),
  };
}

/** Where a recording is replayed, without secrets. */
export function shownTarget({ url }: Target): string {
  return redactUrl(url);
}

/**
 * How the connections of one recording are opened: with what was said then, and what the flags say in
 * place of it.
 *
 * @param index which of the targets
 * @throws WsctlError WSCTL_EUSAGE for flags that cannot be used
 */
export function sessionsOf(
  { targets, spec, flags }: ReplayPlace,
  index: number,
): (line: UpgradeLine | undefined) => SessionOptions {
  const dial = dialOptions(spec, index);
  const shared = {
    target: targets[index]!,
    localAddresses: localAddresses(spec.localAddress),
    maxPayload: parseSize(spec.maxPayload),
    reconnect: undefined,
    preamble: [],
    ping: undefined,
    autoReplies: [],
  };
  const own = new Set(spec.headers.map(([name]) => name.toLowerCase()));
  // Said now, and not by the first connection.
  compressionOffer(flags, true);
  return (line) => {
    const then = recordedRequest(line ?? { request: [] });
    const headers = then.headers.filter(
      ([name, value]) => !own.has(name.toLowerCase()) && !isRedacted(value),
    );
    const { origin = then.origin, subprotocols } = spec;
    const offered = subprotocols.length > 0 ? subprotocols : then.subprotocols;
    return {
      ...shared,
      dial: {
        ...dial,
        request: {
          headers: [...headers, ...spec.headers],
          origin: origin !== undefined && isRedacted(origin) ? undefined : origin,
          subprotocols: offered.filter((name) => !isRedacted(name)),
        },
      },
      compression: compressionOffer(flags, line === undefined || then.compresses),
    };
  };
}

/** What each redacted header is given by. */
const headerFlags: ReadonlyMap<string, string> = new Map([
  ["authorization", "--bearer TOKEN, --user NAME:PASSWORD"],
  ["cookie", "--cookie 'NAME=VALUE'"],
  ["origin", "--origin URL"],
  ["sec-websocket-protocol", "-s NAME"],
]);

/**
 * Checks that all which was redacted is given.
 * @throws WsctlError WSCTL_EUSAGE that names what is not, and the flags for it
 */
export function requireRedacted(
  surveyed: readonly Surveyed[],
  { spec }: ReplayPlace,
  variables: ReadonlyMap<string, string>,
): void {
  const given = new Set(spec.headers.map(([name]) => name.toLowerCase()));
  if (spec.origin !== undefined) given.add("origin");
  if (spec.subprotocols.length > 0) given.add("sec-websocket-protocol");
  const lacking = new Map<string, string>();
  for (const { survey } of surveyed) {
    for (const name of survey.redactedHeaders) {
      const key = name.toLowerCase();
      if (given.has(key)) continue;
      const shown = safeLine(name, 60);
      const flag = headerFlags.get(key);
      const own = `-H '${shown}: VALUE'`;
      lacking.set(`header ${key}`, `the header ${shown}: ${flag ? `${flag} or ${own}` : own}`);
    }
    for (const name of survey.redactedFields) {
      if (variables.has(name) || variables.has("redacted")) continue;
      const shown = safeLine(name, 64);
      lacking.set(`field ${name}`, `the field ${shown} of messages: --var ${shown}=VALUE`);
    }
  }
  if (lacking.size === 0) return;
  const what = lacking.size === 1 ? "a secret was" : `${lacking.size} secrets were`;
  throw new WsctlError(
    "WSCTL_EUSAGE",
    `${what} left out of the recording: give what is to be said`,
    {
      where: [...lacking.values()],
      hint: "values may be @file or env:NAME; or replay without them: --without-redacted",
    },
  );
}

/** Owns the way from the flags of `wsctl serve` to what the server is made of. */
import { readFileSync } from "node:fs";
import { messageOf, WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import { FaultSet, type FaultSetOptions } from "../../faults/fault-set.js";
import { parsePrefix, parseRedis } from "../../serve/backplane-place.js";
import type { FleetSetup } from "../../serve/backplane-fleet.js";
import { type Certificate, fingerprint, selfSigned } from "../../serve/certificate.js";
import type { Watcher } from "../../serve/events.js";
import { createGuards } from "../../serve/guards.js";
import type { FlagValues } from "../../serve/flag.js";
import { LogFile } from "../../serve/log-file.js";
import { MessageRing } from "../../serve/message-log.js";
import type { ModeKind } from "../../serve/mode.js";
import { modes } from "../../serve/modes.js";
import { pageFor } from "../../serve/page.js";
import type { ServeOptions } from "../../serve/server.js";
import type { Host } from "../host.js";
import { secretText } from "../text-source.js";
import { flagValues } from "./serve-flags.js";
import type { ServeFlags } from "./serve-options.js";

/** What the command line asks for. */
export interface Asked {
  /** The mode's name. */
  readonly name: string;
  readonly flags: ServeFlags;
  readonly seed: string;
  readonly tls: Certificate | undefined;
}

/** Where a process stands among those that share a port. */
export interface Place {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** The control port, which the parent has. */
  readonly control: string;
}

/** What a server needs, and what is closed after it. */
export interface Setup {
  readonly options: ServeOptions;
  readonly closeLog: () => Promise<void>;
}

/** What only some servers have. */
interface SetupExtras {
  /** Of this process, when several share the port. */
  readonly place?: Place;
  /** Told once when `--log` cannot be written to any more. */
  readonly logFailed?: (why: string) => void;
}

const usualPayload = 16 * 1024 * 1024;

/**
 * The mode of that name, the first if none is named.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function chosenMode(given: string | undefined): { name: string; kind: ModeKind } {
  const name = given ?? [...modes.keys()][0]!;
  const kind = modes.get(name);
  if (kind) return { name, kind };
  const meant = nearest(name, modes.keys());
  throw new WsctlError("WSCTL_EUSAGE", `there is no mode "${name}"`, {
    hint: meant ? `did you mean ${meant}?` : `there is ${[...modes.keys()].join(", ")}`,
  });
}

/**
 * The certificate to serve with, if any.
 * @throws WsctlError WSCTL_EUSAGE for files that cannot be read
 */
export async function certificateFor(flags: ServeFlags): Promise<Certificate | undefined> {
  return givenCertificate(flags) ?? (flags.tls ? selfSigned(flags.host) : undefined);
}

/**
 * The certificate that was given, if any.
 * @throws WsctlError WSCTL_EUSAGE for files that cannot be read
 */
export function givenCertificate({
  tlsCert,
  tlsKey,
}: Pick<ServeFlags, "tlsCert" | "tlsKey">): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new WsctlError("WSCTL_EUSAGE", "--tls-cert and --tls-key need each other", {
      hint: "name both files, or let --tls make a certificate",
    });
  }
  const certificate = { cert: fileText(tlsCert), key: fileText(tlsKey) };
  fingerprint(certificate.cert);
  return certificate;
}

/**
 * Makes mode, guards, faults and log.
 * @throws WsctlError WSCTL_EUSAGE for values that cannot be used
 */
export async function setUp(
  host: Host,
  { name, flags, seed, tls }: Asked,
  watcher: Watcher,
  { place, logFailed = () => {} }: SetupExtras = {},
): Promise<Setup> {
  const { kind } = chosenMode(name);
  refuseIdleLog(name, kind, flags);
  const values = flagValues(name, flags);
  const guards = createGuards(values);
  const own = place ? `${seed}/${place.index}` : seed;
  const compression = flags.compress ?? false;
  const faults = faultsFor(flags.fault ?? [], own, { compression });
  const file = flags.log === undefined ? undefined : await LogFile.open(flags.log, logFailed);
  const log = new MessageRing({
    now: () => host.monotonic(),
    wanted: file !== undefined || flags.keepLog !== undefined,
    ...(flags.keepLog === undefined ? {} : { capacity: flags.keepLog }),
    ...(file && { sink: file }),
  });
  const node = nameOf(flags.node, seed, place);
  const fleet = fleetFor(values, host.env, watcher);
  const mode = kind.create({ values, seed: own, node, log, fleet });
  return {
    options: {
      ...flags,
      maxPayload: flags.maxPayload ?? usualPayload,
      mode,
      guards,
      faults,
      log,
      seed: own,
      tls,
      paths: flags.path ?? [],
      page: pageFor(name, flags.path?.[0]),
      subprotocols: flags.subprotocol ?? [],
      compress: flags.compress ?? false,
      watcher,
      node,
      controlledAt: place?.control,
      numbering: place && { first: place.index + 1, step: place.count },
    },
    closeLog: async () => file?.close(),
  };
}

/** How a server names itself: as it was told, or by its seed. */
function nameOf(given: string | undefined, seed: string, place: Place | undefined): string {
  // It stands in a header, where a seed could have anything.
  const name = given ?? `node-${seed.slice(0, 6).replace(/[^\w.-]/g, "_")}`;
  return place ? `${name}-${place.index + 1}` : name;
}

function fleetFor(values: FlagValues, env: Host["env"], watcher: Watcher): FleetSetup | undefined {
  const place = values.read("redis", (text) => parseRedis(secretText(text, env)));
  if (!place) return undefined;
  const prefix = values.read("redis-prefix", parsePrefix) ?? "wsctl";
  return { place, prefix, tell: (event) => watcher.tell(event) };
}

function refuseIdleLog(name: string, kind: ModeKind, { log, keepLog }: ServeFlags): void {
  if (kind.logs || (log === undefined && keepLog === undefined)) return;
  const flag = log === undefined ? "--keep-log" : "--log";
  const writers = [...modes].flatMap(([each, { logs }]) =>
    logs ? [`\`wsctl serve ${each}\``] : [],
  );
  throw new WsctlError("WSCTL_EUSAGE", `the mode ${name} keeps no log`, {
    hint: `${flag} belongs to ${writers.join(", ")}`,
  });
}

/**
 * The faults that were asked for.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function faultsFor(
  specs: readonly string[],
  seed: string,
  abilities: Pick<FaultSetOptions, "backends" | "compression"> = {},
): FaultSet {
  const faults = new FaultSet({ ...abilities, seed, now: () => performance.now() });
  for (const spec of specs) {
    try {
      faults.add(spec);
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      const { code, message, hint = "see `wsctl serve --list-faults`", where } = error;
      throw new WsctlError(code, `--fault ${spec}: ${message}`, { hint, where, cause: error });
    }
  }
  return faults;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

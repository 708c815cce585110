/** Owns what `wsctl load` is to do: the plan of a scenario file, or of the flags alone. */
import { isUtf8 } from "node:buffer";
import { WsctlError } from "../../base/errors.js";
import { parseTarget, type Target } from "../../dial/target.js";
import { compile } from "../../scenario/compile.js";
import { flagPlace } from "../../scenario/flag-places.js";
import { scenarioFromFlags } from "../../scenario/from-flags.js";
import { unknownVariables, usedNames } from "../../scenario/given-variables.js";
import { scenarioWith } from "../../scenario/overrides.js";
import type { Plan } from "../../scenario/plan.js";
import type { ConnectionSpec, Scenario, SendSpec } from "../../scenario/scenario.js";
import { playedOnce } from "../dry-run/dry-plan.js";
import { connectionSpec } from "../connection-spec.js";
import type { Host } from "../host.js";
import { readScenarioFile } from "../scenario-file.js";
import { tellRemarks } from "../scenario-remarks.js";
import { fileBytes } from "../text-source.js";
import { variablesFrom } from "../variable-flags.js";
import { type IsGiven, type LoadOptions, refuseFlagsOfTheFlow } from "./load-flags.js";

/** What the command line asks for. */
export interface LoadAsked {
  /** The scenario's file; undefined when flags say what to do. */
  readonly file: string | undefined;
  /** In place of the file's targets; none: the file says. */
  readonly urls: readonly string[];
  readonly flags: LoadOptions;
  /** Whether a flag, or configuration in its place, said so. */
  readonly isGiven: IsGiven;
}

/** What is to be run, and the scenario that it comes from. */
export interface Prepared {
  readonly plan: Plan;
  readonly scenario: Scenario;
}

/** Stands for a server that is not started yet. */
const standIn = "ws://127.0.0.1:1/";

/**
 * The plan. Everything that can be wrong with flags and file is told here, and nothing is opened.
 * With `--serve`, its target is still to be put in: {@link aimedAt}.
 * @throws WsctlError WSCTL_EUSAGE
 */
export async function prepare(host: Host, asked: LoadAsked): Promise<Prepared> {
  const { file, flags, urls } = asked;
  if (flags.serve && urls.length > 0) {
    throw new WsctlError("WSCTL_EUSAGE", "a URL and --serve exclude each other", {
      hint: "leave one of them out",
    });
  }
  if (file !== undefined) return paced(await fromFile(host, file, asked), flags);
  if (!flags.serve && urls.length === 0) {
    throw new WsctlError("WSCTL_EUSAGE", "no URL was given", {
      hint: "name a target or a scenario file, or add --serve to load an embedded echo server",
    });
  }
  return paced(fromFlags(host, flags.serve ? [standIn] : urls, flags), flags);
}

/**
 * @throws WsctlError WSCTL_EUSAGE for a pacer where there is nothing to pace
 */
function paced(prepared: Prepared, { pacer }: LoadOptions): Prepared {
  const { model } = prepared.plan.traffic;
  if (pacer === undefined || model === "rate" || model === "flow") return prepared;
  const what = model === "closed" ? "a closed loop sends as replies come" : "nothing is sent";
  throw new WsctlError("WSCTL_EUSAGE", `--pacer ${pacer}: ${what}, so there is nothing to pace`, {
    hint: "give a rate, such as -r 10 or -R 5k, or leave --pacer out",
  });
}

/** The same plan for a server that has been started for it. */
export function aimedAt(plan: Plan, url: string): Plan {
  return { ...plan, targets: [url] };
}

async function fromFile(host: Host, file: string, asked: LoadAsked): Promise<Prepared> {
  const { flags, isGiven, urls } = asked;
  refuseFlagsOfTheFlow(isGiven);
  const ifGiven = <Key extends keyof LoadOptions>(key: Key): LoadOptions[Key] | undefined =>
    isGiven(key) ? flags[key] : undefined;
  const targets = (flags.serve ? [standIn] : urls).map((url) => parseTarget(url));
  const read = await readScenarioFile(host, file, {
    allowPaths: flags.allowPath === true,
    overrides: {
      targets: targets.map(({ href }) => href),
      connections: ifGiven("connections"),
      duration: ifGiven("duration"),
      stages: flags.stage,
      connectRate: ifGiven("connectRate"),
      warmup: flags.warmup,
      gracefulStop: ifGiven("gracefulStop"),
      seed: flags.seed,
      ...variablesFrom(flags.var ?? [], host.env),
      thresholds: flags.threshold ?? [],
    },
  });
  const { places, resources, remarks } = read;
  tellRemarks(host, remarks);
  const timely = withReplyTimeout(read.scenario, ifGiven("replyTimeout"));
  const scenario = flags.dryRun ? playedOnce(timely) : timely;
  const loaded = [scenario.config?.target ?? []].flat().map((url) => parseTarget(url));
  const { headers, subprotocols, handshakeTimeout, maxPayload, localAddress, tls, ...rest } =
    connectionOf(host, flags, loaded);
  const connection: Partial<ConnectionSpec> = {
    ...rest,
    headers,
    ...(subprotocols.length > 0 ? { subprotocols } : {}),
    ...(isGiven("timeout") ? { handshakeTimeout } : {}),
    ...(isGiven("maxPayload") ? { maxPayload } : {}),
    ...(localAddress.length > 0 ? { localAddress } : {}),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  };
  const env = new Map(
    Object.entries(host.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const plan = compile(scenario, { places, resources, env, connection });
  // A file may write them for HTTP, as the command line may.
  return { scenario, plan: { ...plan, targets: loaded.map(({ href }) => href) } };
}

function withReplyTimeout(scenario: Scenario, timeout: string | undefined): Scenario {
  if (timeout === undefined) return scenario;
  const correlate = { by: "none" as const, ...scenario.config?.correlate, timeout };
  return { ...scenario, config: { ...scenario.config, correlate } };
}

function fromFlags(host: Host, urls: readonly string[], flags: LoadOptions): Prepared {
  const targets = urls.map((url) => parseTarget(url));
  const connection = connectionOf(host, flags, targets);
  const binary = flags.binary ?? false;
  const said = {
    ...flags,
    // Each target keeps its own credentials: those of one are nobody else's business.
    targets: targets.map((target) => target.href),
    connection,
    stages: flags.stage,
    rate: flags.rate,
    totalRate: flags.totalRate,
    size: flags.size,
    messages: (flags.message ?? []).map((value) => sendSpec(value, binary)),
    firstMessages: (flags.firstMessage ?? []).map((value) => sendSpec(value, binary)),
    binary,
    inFlight: flags.inFlight,
    thresholds: flags.threshold ?? [],
  };
  const variables = usedVariables(host, flags, scenarioFromFlags(said));
  const written = scenarioFromFlags({ ...said, variables });
  const seeded = flags.seed === undefined ? written : scenarioWith(written, { seed: flags.seed });
  const scenario = flags.dryRun ? playedOnce(seeded) : seeded;
  const plan = compile(scenario, { connection, flagAt: (path) => flagPlace(said, path) });
  return { scenario, plan };
}

/**
 * The variables that messages and headers use. The environment may be meant for a scenario file;
 * a flag is not.
 * @throws WsctlError WSCTL_EUSAGE for a flag that nothing uses
 */
function usedVariables(
  host: Host,
  flags: LoadOptions,
  scenario: Scenario,
): ReadonlyMap<string, string> {
  const used = usedNames(scenario);
  const given = variablesFrom(flags.var ?? [], {});
  const [unknown] = unknownVariables(scenario, given.variables, given.variablesOfEnv);
  if (unknown) {
    throw new WsctlError("WSCTL_EUSAGE", `${unknown.flag}: ${unknown.message}`, {
      hint: `${unknown.hint}; a message uses one like -m 'hello {{ name }}'`,
    });
  }
  const { variables } = variablesFrom(flags.var ?? [], host.env);
  return new Map([...variables].filter(([name]) => used.has(name)));
}

/** How the flags say that these targets are connected to. */
function connectionOf(host: Host, flags: LoadOptions, targets: readonly Target[]): ConnectionSpec {
  // What the environment says of proxies does not mean a server that was started for this run.
  const proxy = flags.proxy ?? (flags.serve ? false : undefined);
  const connection = connectionSpec(
    proxy === undefined ? flags : { ...flags, proxy },
    targets,
    host.env,
  );
  const isGiven = connection.headers.some(([name]) => name.toLowerCase() === "authorization");
  if (isGiven && targets.some((target) => target.authorization)) {
    throw new WsctlError("WSCTL_EUSAGE", "credentials are given in the URL and by a flag", {
      hint: "leave one of them out",
    });
  }
  return connection;
}

/** A message as it was given: the text, or for `@file` every byte that the file holds. */
function sendSpec(value: string, binary: boolean): SendSpec {
  if (!value.startsWith("@")) return { text: value, binary };
  const bytes = fileBytes(value.slice(1));
  if (binary) return { base64: bytes.toString("base64") };
  if (isUtf8(bytes)) return { text: bytes.toString("utf8") };
  throw new WsctlError("WSCTL_EUSAGE", `${value.slice(1)} is not UTF-8, and so no text message`, {
    hint: "add --binary to send it as a binary message",
  });
}

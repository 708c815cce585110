/**
 * Owns the translation of flags into the Scenario that one would have written: flags are sugar for
 * a scenario, so that a one-liner means the same as the file it grows into.
 */
import { WsctlError } from "../base/errors.js";
import { parseRate } from "../base/quantity.js";
import type { ConnectionSpec, Scenario, SendSpec } from "./scenario.js";
import { lengthOf, parseFlagStage } from "./flag-stage.js";
import { thresholdsOfFlags } from "./flag-threshold.js";
import type { StepMap } from "./schema/step.js";

/** What the flags of `wsctl load` say, as they were typed. */
export interface LoadFlags {
  readonly targets: readonly string[];
  readonly connection: ConnectionSpec;
  readonly connections: string;
  readonly duration: string;
  /** Messages per second per connection; 0 only listens. */
  readonly rate: string | undefined;
  /** Messages per second over all connections. */
  readonly totalRate: string | undefined;
  /** `30s:100`, in place of connections and duration. */
  readonly stages?: readonly string[] | undefined;
  readonly connectRate: string;
  readonly warmup?: string | undefined;
  /** In turn. */
  readonly messages: readonly SendSpec[];
  readonly firstMessages: readonly SendSpec[];
  /** Of a random payload, in place of messages; 20 bytes when there are neither. */
  readonly size: string | undefined;
  readonly binary: boolean;
  readonly inFlight: number | undefined;
  readonly correlate: "order" | "none";
  /** JSONPaths of the service's own numbers, and of who counts. */
  readonly sequenceNumber?: string | undefined;
  readonly sequenceSender?: string | undefined;
  readonly replyTimeout: string;
  readonly gracefulStop: string;
  /** Texts by name. */
  readonly variables?: ReadonlyMap<string, string> | undefined;
  /** `ws_msg_rtt: p(99)<200` */
  readonly thresholds?: readonly string[] | undefined;
}

/**
 * The scenario that the flags describe.
 * @throws WsctlError WSCTL_EUSAGE for flags that exclude each other, or a rate that is none
 */
export function scenarioFromFlags(flags: LoadFlags): Scenario {
  const { variables = new Map<string, string>(), thresholds = [] } = flags;
  const stages = (flags.stages ?? []).map(parseFlagStage);
  const duration = stages.length > 0 ? `${lengthOf(stages)}ms` : flags.duration;
  return {
    config: {
      target: [...flags.targets],
      connection: writtenConnection(flags.connection),
      ...(variables.size > 0 ? { variables: Object.fromEntries(variables) } : {}),
      load: {
        ...(stages.length > 0
          ? { stages }
          : { connections: flags.connections, duration: flags.duration }),
        connectRate: flags.connectRate,
        ...(flags.warmup === undefined ? {} : { warmup: flags.warmup }),
        gracefulStop: flags.gracefulStop,
      },
      correlate: { by: flags.correlate, timeout: flags.replyTimeout },
      ...writtenSequence(flags),
      ...(thresholds.length > 0 ? { thresholds: thresholdsOfFlags({}, thresholds) } : {}),
    },
    flow: [
      // Under `order` the reply to a first message would be taken for that to a later one.
      ...flags.firstMessages.map((send) => ({ send: { ...written(send), reply: false } })),
      lasting({ ...flags, duration }),
    ],
  };
}

/** @throws WsctlError WSCTL_EUSAGE for a sender without numbers */
function writtenSequence({ sequenceNumber: number, sequenceSender: sender }: LoadFlags) {
  if (number !== undefined) {
    return { sequence: { ...(sender === undefined ? {} : { sender }), number } };
  }
  if (sender === undefined) return {};
  throw new WsctlError("WSCTL_EUSAGE", "--sequence-sender needs --sequence-number", {
    hint: "say where the numbers are, such as --sequence-number $.seq",
  });
}

type Connection = NonNullable<NonNullable<Scenario["config"]>["connection"]>;

/**
 * The connection as a file says it. What flags took from files or the environment is left out: its
 * content would have to be written here, and the flags still say it.
 */
function writtenConnection(spec: ConnectionSpec): Connection {
  const { headers, subprotocols, origin, handshakeTimeout, maxPayload, family, localAddress } =
    spec;
  const { insecure, servername } = spec.tls;
  const tls = {
    ...(insecure === undefined ? {} : { insecure }),
    ...(servername === undefined ? {} : { servername }),
  };
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  return {
    ...(headers.length === 0
      ? {}
      : {
          // A map holds each name once.
          headers:
            names.size === headers.length
              ? Object.fromEntries(headers)
              : headers.map(([name, value]) => `${name}: ${value}`),
        }),
    ...(subprotocols.length > 0 ? { subprotocols: [...subprotocols] } : {}),
    ...(origin === undefined ? {} : { origin }),
    handshakeTimeout,
    maxPayload,
    ...(family === undefined ? {} : { family }),
    ...(localAddress.length > 0 ? { localAddress: [...localAddress] } : {}),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  };
}

type Content = Exclude<NonNullable<StepMap["send"]>, string>;

/** A message of a flag as a file says it. */
function written({ text, base64, size, binary }: SendSpec): Content {
  if (base64 !== undefined) return { binary: `base64:${base64}` };
  const content = size === undefined ? { text: text ?? "" } : { size };
  return binary ? { ...content, as: "binary" } : content;
}

const usualSize = "20";

function lasting(flags: LoadFlags): StepMap {
  const { rate, totalRate, duration, inFlight, size } = flags;
  const isGiven = flags.messages.length > 0;
  if (isGiven && size !== undefined) {
    throw exclusive("--message and --size", "the size is that of a random message");
  }
  const given = isGiven ? flags.messages : [{ size: size ?? usualSize, binary: flags.binary }];
  const messages = given.map(written);
  if (rate !== undefined && totalRate !== undefined) {
    throw exclusive("--rate and --total-rate", "give the rate per connection, or for all together");
  }
  if (rate === undefined && totalRate === undefined) {
    if (flags.correlate === "none") {
      throw exclusive(
        "--correlate none and a closed loop",
        "a closed loop goes by replies; give a rate with -r or -R",
      );
    }
    return { loop: { over: duration, inFlight: inFlight ?? 1, send: messages } };
  }
  if (inFlight !== undefined) {
    throw exclusive(
      "--in-flight and a given rate",
      "at a given rate messages leave whatever the replies do; leave --in-flight out",
    );
  }
  if (rate !== undefined && parseRate(rate) === 0) {
    if (isGiven || size !== undefined) {
      throw exclusive("a message and a rate of 0", "at a rate of 0 connections only listen");
    }
    return { listen: duration };
  }
  return {
    every: {
      ...(rate === undefined ? {} : { rate }),
      ...(totalRate === undefined ? {} : { totalRate }),
      for: duration,
      send: messages,
    },
  };
}

function exclusive(what: string, hint: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `${what} exclude each other`, { hint });
}

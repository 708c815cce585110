/**
 * Owns the translation of flags into the Scenario that one would have written: flags are sugar for
 * a scenario, so that a one-liner means the same as the file it grows into.
 */
import { WsctlError } from "../base/errors.js";
import { parseRate } from "../base/quantity.js";
import type { ConnectionSpec, Scenario, SendSpec, Step } from "./scenario.js";

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
  readonly connectRate: string;
  /** In turn. */
  readonly messages: readonly SendSpec[];
  readonly firstMessages: readonly SendSpec[];
  /** Of a random payload, in place of messages; 20 bytes when there are neither. */
  readonly size: string | undefined;
  readonly binary: boolean;
  readonly inFlight: number | undefined;
  readonly correlate: "order" | "none";
  readonly replyTimeout: string;
  readonly gracefulStop: string;
}

/**
 * The scenario that the flags describe.
 * @throws WsctlError WSCTL_EUSAGE for flags that exclude each other, or a rate that is none
 */
export function scenarioFromFlags(flags: LoadFlags): Scenario {
  return {
    config: {
      target: flags.targets,
      connection: flags.connection,
      load: {
        connections: flags.connections,
        connectRate: flags.connectRate,
        gracefulStop: flags.gracefulStop,
      },
      correlate: { by: flags.correlate, timeout: flags.replyTimeout },
    },
    flow: [...flags.firstMessages.map((send) => ({ send })), lasting(flags)],
  };
}

const usualSize = "20";

function lasting(flags: LoadFlags): Step {
  const { rate, totalRate, duration, inFlight, size } = flags;
  const isGiven = flags.messages.length > 0;
  if (isGiven && size !== undefined) {
    throw exclusive("--message and --size", "the size is that of a random message");
  }
  const messages = isGiven ? flags.messages : [{ size: size ?? usualSize, binary: flags.binary }];
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

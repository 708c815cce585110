/** Owns the flags and the plan that tests of several rooms start from. */
import { compile } from "../../src/scenario/compile.js";
import { scenarioFromFlags, type LoadFlags } from "../../src/scenario/from-flags.js";
import type { Plan } from "../../src/scenario/plan.js";
import type { SendSpec } from "../../src/scenario/scenario.js";

/** What `wsctl load ws://127.0.0.1:1/` says when nothing else is given. */
export const usualFlags: LoadFlags = {
  targets: ["ws://127.0.0.1:1/"],
  connection: {
    headers: [],
    subprotocols: [],
    handshakeTimeout: "10s",
    maxPayload: "16MiB",
    localAddress: [],
    tls: {},
  },
  connections: "10",
  duration: "5s",
  rate: undefined,
  totalRate: undefined,
  connectRate: "1000/s",
  messages: [],
  firstMessages: [],
  size: undefined,
  binary: false,
  inFlight: undefined,
  correlate: "order",
  replyTimeout: "5s",
  gracefulStop: "5s",
};

/** Text messages, as the flags hold them. */
export function texts(...values: readonly string[]): SendSpec[] {
  return values.map((text) => ({ text }));
}

/** The plan of those flags, with some of them changed. */
export function planOf(flags: Partial<LoadFlags> = {}): Plan {
  const all = { ...usualFlags, ...flags };
  return compile(scenarioFromFlags(all), { connection: all.connection });
}

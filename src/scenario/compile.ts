/** Owns compiling: a Scenario becomes a Plan, every quantity resolved and held against its limits. */
import { randomBytes } from "node:crypto";
import { WsctlError } from "../base/errors.js";
import {
  formatCount,
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from "../base/quantity.js";
import type { Plan, PlanMessage, Traffic } from "./plan.js";
import type { Scenario, SendSpec, Step } from "./scenario.js";

/** The smallest rate that makes sense: one message a day. */
const lowestRate = 1 / 86_400;

/** The series has an entry a second: a day's are 50 MB of JSON, and much more would be no string. */
const longest = 86_400_000;

/** In base64 a larger payload would be longer than a string of JavaScript can be. */
const largestPayload = 256 * 1024 ** 2;

/**
 * Compiles a scenario.
 * @throws WsctlError WSCTL_EUSAGE naming the value that is wrong
 */
export function compile(scenario: Scenario): Plan {
  const { connection, correlate, load, target } = scenario.config;
  const connections = within(
    "connections",
    parseCount(load.connections),
    1,
    1_000_000,
    formatCount,
  );
  const { traffic, duration, messages } = trafficOf(scenario.flow, connections);
  const maxPayload = within(
    "the largest payload",
    parseSize(connection.maxPayload),
    1,
    2 ** 31 - 1,
    formatSize,
  );
  const plan: Plan = {
    $schema: "wsctl.plan/1",
    targets: target,
    connection: {
      headers: connection.headers,
      ...(connection.secretHeaders ? { secretHeaders: connection.secretHeaders } : {}),
      subprotocols: connection.subprotocols,
      origin: connection.origin,
      handshakeTimeout: parseDuration(connection.handshakeTimeout),
      maxPayload,
      family: connection.family,
      localAddress: connection.localAddress,
      tls: connection.tls,
      ...(connection.route ? { route: connection.route } : {}),
    },
    connections,
    connectRate: within(
      "the connect rate",
      parseRate(load.connectRate),
      0.01,
      1_000_000,
      perSecond,
    ),
    traffic,
    duration,
    gracefulStop: parseDuration(load.gracefulStop),
    first: scenario.flow.flatMap((step) => ("send" in step ? [messageOf(step.send)] : [])),
    messages,
    correlate: {
      by: correlate.by,
      timeout: within(
        "the reply timeout",
        parseDuration(correlate.timeout),
        1,
        longest,
        formatDuration,
      ),
    },
  };
  refuseUnanswerable(plan);
  return plan;
}

function trafficOf(
  flow: readonly Step[],
  connections: number,
): { traffic: Traffic; duration: number; messages: PlanMessage[] } {
  for (const step of flow) {
    if ("loop" in step) {
      const { over, inFlight, send } = step.loop;
      return {
        traffic: {
          model: "closed",
          inFlight: within("the number in flight", inFlight, 1, 100_000, formatCount),
        },
        duration: durationOf(over),
        messages: send.map(messageOf),
      };
    }
    if ("every" in step) {
      const { rate, totalRate, for: length, send } = step.every;
      const total =
        totalRate === undefined ? parseRate(rate ?? "1/s") * connections : parseRate(totalRate);
      return {
        traffic: {
          model: "rate",
          pacer: "timer",
          rate: within("the rate", total, lowestRate, 10_000_000, perSecond),
        },
        duration: durationOf(length),
        messages: send.map(messageOf),
      };
    }
    if ("listen" in step) {
      return { traffic: { model: "idle" }, duration: durationOf(step.listen), messages: [] };
    }
  }
  throw new WsctlError("WSCTL_EUSAGE", "the scenario has no step that lasts");
}

function durationOf(text: string): number {
  return within("the duration", parseDuration(text), 1, longest, formatDuration);
}

/** The payload of one message. */
function messageOf(spec: SendSpec): PlanMessage {
  if (spec.size !== undefined) {
    const size = within("the size", parseSize(spec.size), 0, largestPayload, formatSize);
    const bytes = spec.binary ? randomBytes(size) : randomText(size);
    return { opcode: spec.binary ? 2 : 1, payload: bytes.toString("base64") };
  }
  if (spec.base64 !== undefined) return { opcode: 2, payload: spec.base64 };
  return {
    opcode: spec.binary ? 2 : 1,
    payload: Buffer.from(spec.text ?? "", "utf8").toString("base64"),
  };
}

/** Letters and digits: text that no compression or escaping makes smaller or larger by accident. */
function randomText(size: number): Buffer {
  const bytes = randomBytes(size);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let i = 0; i < bytes.length; i++) bytes[i] = alphabet.charCodeAt(bytes[i]! & 63);
  return bytes;
}

function perSecond(rate: number): string {
  return rate < 1 ? `${formatCount(rate * 86_400)} a day` : `${formatCount(rate)}/s`;
}

/** Holds a value against its limits; `show` writes it as people do, with its unit. */
function within(
  what: string,
  value: number,
  low: number,
  high: number,
  show: (value: number) => string,
): number {
  if (value >= low && value <= high) return value;
  throw new WsctlError("WSCTL_EUSAGE", `${what} is ${show(value)}`, {
    hint: `it must be from ${show(low)} to ${show(high)}`,
  });
}

/** What is sent comes back from an echo server: it would then be refused as too large, by us. */
function refuseUnanswerable(plan: Plan): void {
  const { maxPayload } = plan.connection;
  if (plan.correlate.by === "none") return;
  for (const { payload } of plan.messages) {
    const size = Buffer.byteLength(payload, "base64");
    if (size <= maxPayload) continue;
    throw new WsctlError(
      "WSCTL_EUSAGE",
      `a message of ${formatSize(size)} is larger than what is accepted as its answer, ${formatSize(maxPayload)}`,
      { hint: `raise the limit: --max-payload ${size}` },
    );
  }
}

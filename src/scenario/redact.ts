/** Owns what of a Plan may be written down: secrets are replaced before it enters a result. */
import path from "node:path";
import { redactUrl } from "../base/redact-url.js";
import { isSecretName, redacted } from "../base/secret-name.js";
import { redactSubprotocol } from "../base/secret-subprotocols.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { FlowPlan, PlanSend, PlanStep } from "./flow-plan.js";
import type { Plan, Traffic } from "./plan.js";

/** Whether a value of that key of a scenario is taken for a secret; a threshold on ws_sessions is none. */
export function isSecretKey(key: string): boolean {
  return key === "cookies" || (!/^ws(?:ctl)?_/.test(key) && isSecretName(key));
}

/** Whether a key holds such a value for each of its names, so that whatever is wrong beneath it may be one. */
export function isSecretMap(key: string): boolean {
  return /^(?:headers?|cookies)$/.test(key);
}

/**
 * How long the name within a key is: the colon behind it may have been forgotten, and then its value
 * is a part of it. Undefined where the key holds nothing that may be a secret.
 * @param parents the keys above it
 */
export function secretBehindName(
  key: string,
  parents: readonly (string | number)[],
): number | undefined {
  const [name = ""] = /^["']?[\w.$-]*["']?/.exec(key) ?? [];
  if (name.length === key.length) return undefined;
  const isWithin = parents.some((step) => typeof step === "string" && isSecretMap(step));
  return isWithin || isSecretKey(name) ? name.length : undefined;
}

/** The proxy's URL without its password. */
function redactProxy(url: string): string {
  if (url === "") return url;
  // Without a scheme, the user's name would pass for one, and the password be shown.
  return redactUrl(url.includes("://") ? url : `http://${url}`);
}

/** The plan as it may be stored and shown. Payloads are reduced to opcode and size. */
export function redactPlan(plan: Plan): Readonly<Record<string, unknown>> {
  const {
    tls,
    headers,
    secretHeaders = [],
    secretSubprotocols = [],
    route,
    ...connection
  } = plan.connection;
  const isSecret = (name: string): boolean =>
    isSecretName(name) || secretHeaders.includes(name.toLowerCase());
  const sizes = (messages: Plan["messages"]): unknown[] =>
    messages.map(({ opcode, payload }) => ({ opcode, size: Buffer.byteLength(payload, "base64") }));
  return {
    ...plan,
    targets: plan.targets.map(redactUrl),
    connection: {
      ...connection,
      subprotocols: connection.subprotocols.map((name) =>
        secretSubprotocols.includes(name) ? redacted : redactSubprotocol(name),
      ),
      headers: headers.map(([k, v]) => [k, isSecret(k) ? redacted : v]),
      tls: {
        insecure: tls.insecure ?? false,
        servername: tls.servername,
        ca: tls.ca !== undefined,
        clientCertificate: tls.cert !== undefined,
      },
      ...(route
        ? {
            route: {
              ...route,
              proxies: route.proxies?.map(redactProxy),
              proxyTls: {
                insecure: route.proxyTls?.insecure ?? false,
                ca: route.proxyTls?.ca !== undefined,
              },
            },
          }
        : {}),
    },
    traffic: redactTraffic(plan.traffic),
    first: sizes(plan.first),
    messages: sizes(plan.messages),
  };
}

/** What virtual users do, without what they say and what they are. */
function redactTraffic(traffic: Traffic): unknown {
  if (traffic.model !== "flow") return traffic;
  const { flow } = traffic;
  const written: { readonly [Key in keyof FlowPlan]: unknown } = {
    ...flow,
    variables: redactMembers(flow.variables),
    feeders: flow.feeders.map((feeder) => ({ ...feeder, path: path.basename(feeder.path) })),
    scenarios: flow.scenarios.map((each) => ({ ...each, flow: each.flow.map(redactStep) })),
    onReconnect: flow.onReconnect.map(redactStep),
    heartbeat: {
      ...flow.heartbeat,
      autoReplies: flow.heartbeat.autoReplies.map(({ match, send }) => ({
        match,
        send: redactSend(send),
      })),
    },
  };
  return { ...traffic, flow: written };
}

/** The members without those whose names say that they are secrets, at any depth. */
function redactMembers(map: Readonly<Record<string, JsonValue>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      name,
      isSecretName(name) ? redacted : redactValue(value),
    ]),
  );
}

/** A text that is an address, without its secrets. */
function redactUrls(text: string): string {
  return URL.canParse(text) ? redactUrl(text) : text;
}

function redactValue(value: JsonValue): unknown {
  if (typeof value === "string") return value.includes("://") ? redactUrls(value) : value;
  if (isJsonArray(value)) return value.map(redactValue);
  return isJsonObject(value) ? redactMembers(value) : value;
}

function redactStep(step: PlanStep): unknown {
  switch (step.kind) {
    case "send":
      return { ...step, message: redactSend(step.message) };
    case "every":
    case "flood":
      return { ...step, messages: step.messages.map(redactSend) };
    case "loop":
      return { ...step, flow: step.flow.map(redactStep) };
    case "choose":
      return {
        ...step,
        options: step.options.map(({ weight, flow }) => ({ weight, flow: flow.map(redactStep) })),
      };
    case "set":
      return { ...step, variables: Object.keys(step.variables) };
    case "log":
      return { name: step.name, kind: step.kind, size: Buffer.byteLength(step.template) };
    case "barrier":
    case "capture":
    case "close":
    case "listen":
    case "ping":
    case "reconnect":
    case "think":
    case "wait":
      return step;
    default:
      return step satisfies never;
  }
}

/** A message reduced to what kind it is and how large, before its holes are filled. */
function redactSend({ opcode, payload, fragments, reply }: PlanSend): unknown {
  const size =
    payload.kind === "bytes"
      ? Buffer.byteLength(payload.base64, "base64")
      : Buffer.byteLength(
          payload.kind === "text" ? payload.template : JSON.stringify(payload.template),
        );
  return { opcode, kind: payload.kind, size, fragments, reply };
}

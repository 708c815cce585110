/** Owns what of a Plan may be written down: secrets are replaced before it enters a result. */
import path from "node:path";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { FlowPlan, PlanSend, PlanStep } from "./flow-plan.js";
import type { Plan, Traffic } from "./plan.js";
import { announced, isCarrier, isRandomLooking } from "./token-like.js";

/** What a name is taken for a secret's by, wherever it stands in it: `apikey`, `PROXYAUTH`. Rather one too many. */
const secretNames =
  /auth|bearer|cookie|token|key|secret|passw|passphrase|pwd|session|jwt|signature|credential|ticket/i;

/** The same as words of their own: they would be found within passive, shipping, design. */
const secretWords = /^(?:sig|pass|otp|pin)$/i;

/** Words that have one of the above in them by chance, or say how a thing is that is secret, and not what. */
const innocentWords =
  /^(?:(?:co)?author(?:s|ed|ing|ship|ity|ities|itative|ids?|names?)?|authentic|(?:un)?authenticated|(?:un)?authori[sz]ed|key(?:board|frame|note|pad|press|stroke|word)(?:s|es)?|key(?:up|down)|(?:mon|don|tur|joc|hoc|whis|turn)keys?|secretar(?:y|ies|ial|iat)|tokeni[sz](?:ers?|ation))$/i;

/** At the end of a name: how many of it there are, how large it may be or how long it lasts. */
const measures = /^(?:counts?|length|limit|size|timeout|ttl)$/i;

/** Before the words of a name in camelCase but for the first. */
const wordBegins = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** Whether what goes by that name, or lies beneath it where it is a path, is taken for a secret. */
export function isSecretName(name: string): boolean {
  // Nearly none is, and this is asked of every word of a message.
  if (!secretNames.test(name) && !/sig|pass|otp|pin/i.test(name)) return false;
  return name.split(/[^A-Za-z0-9_-]+/).some(isSecretStep);
}

/** The same of one step of a path. */
function isSecretStep(name: string): boolean {
  const parts = name.split(/[-_]+/).map((part) => part.split(wordBegins));
  const words = parts.flat();
  if (words.length > 1 && measures.test(words.at(-1)!)) return false;
  return parts.some((part) => {
    const telling = part.filter((word) => !innocentWords.test(word));
    // Capitals may stand anywhere: ToKen.
    return telling.some((word) => secretWords.test(word)) || secretNames.test(telling.join(""));
  });
}

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

/** Names of parameters that hold a secret in a URL, though anywhere else they mean all sorts of things. */
const parameterNames = /^(?:code|access|pw)$|(?:^|[-_.])(?:sid|sess|hmac)$|sessid/i;

/** Whether a parameter of a URL that goes by that name is taken for a secret. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || parameterNames.test(name);
}

/** What stands in a secret's place. */
export const redacted = "[redacted]";

/**
 * The URL without its password (or the user's name, where that stands alone), and without the values
 * of parameters that look like secrets. What is no URL is not shown at all.
 */
export function redactUrl(url: string): string {
  // What cannot be read cannot be told apart either.
  if (!URL.canParse(url)) return redacted;
  const parsed = new URL(url);
  if (parsed.password) parsed.password = "redacted";
  // A name that stands alone is as likely a token.
  else if (parsed.username) parsed.username = "redacted";
  for (const name of new Set(parsed.searchParams.keys())) {
    if (isSecretParameter(name)) parsed.searchParams.set(name, "redacted");
  }
  return parsed.href;
}

/** The proxy's URL without its password. */
function redactProxy(url: string): string {
  if (url === "") return url;
  // Without a scheme, the user's name would pass for one, and the password be shown.
  return redactUrl(url.includes("://") ? url : `http://${url}`);
}

/** The subprotocol, unless it looks like the carrier of a secret. */
export function redactSubprotocol(name: string): string {
  return isRandomLooking(name) || isSecretName(name) ? redacted : name;
}

/** Of subprotocols that are offered together, those that are tokens, or hold one. */
function tokensAmong(offered: readonly string[]): ReadonlySet<string> {
  const tokens = announced(offered);
  for (const name of offered) {
    if (redactSubprotocol(name) !== name && !isCarrier(name)) tokens.add(name);
  }
  return tokens;
}

/** Subprotocols that are offered together, without the tokens among them. */
export function redactSubprotocols(offered: readonly string[]): string[] {
  const tokens = tokensAmong(offered);
  return offered.map((name) => (tokens.has(name) ? redacted : name));
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
  const written: Readonly<Record<keyof FlowPlan, unknown>> = {
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

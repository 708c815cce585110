/** Owns the part of a scenario that says how to connect, from how the recorded client did. */
import { headerValue, type Header, headerValues } from "../../frame/upgrade.js";
import { isToken } from "../../frame/http-head.js";
import { redacted } from "../../base/secret-name.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Talk } from "./talk.js";
import { holesFor, joined, literal } from "./written.js";

type Connection = NonNullable<NonNullable<Scenario["config"]>["connection"]>;

/** What every client says for itself (RFC 6455 §4.1), what is written elsewhere, and ways of proxies. */
const own =
  /^(?:host|connection|upgrade|origin|cookie|content-length|transfer-encoding|te|keep-alive|proxy-.*|sec-websocket-.*|wsctl-.*|:.*)$/i;

/** The connection, and the names of the environment that are to hold what was redacted. */
export interface Connecting {
  readonly connection: Connection;
  readonly env: ReadonlySet<string>;
  readonly notes: readonly string[];
}

/** How that client connected. */
export function connectingOf({ request, isCompressed }: Talk): Connecting {
  const env = new Set<string>();
  const written = (name: string, value: string): string => template(name, value, env);
  const sent = request.filter(([name, value]) => isKept(name, value));
  const headers = headersOf(
    sent.map(([name, value]): Header => [name, written(name, value.trim())]),
  );
  const cookies = cookiesOf(request);
  const origin = headerValue(request, "origin");
  const subprotocols = headerValues(request, "sec-websocket-protocol")
    .flatMap((line) => line.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => (name === redacted ? name : literal(name)))
    .map((name) => written("subprotocol", name));
  const notes: string[] = [];
  if (isCompressed) notes.push("it was compressed: say compression: true to have it so here");
  if (env.size > 0) notes.push(`redacted in the recording: set ${[...env].join(", ")}`);
  return {
    connection: {
      ...(headers === undefined ? {} : { headers }),
      ...(cookies === undefined ? {} : { cookies }),
      ...(subprotocols.length > 0 ? { subprotocols } : {}),
      ...(origin === undefined || origin === "" || origin.includes(redacted) ? {} : { origin }),
    },
    env,
    notes,
  };
}

function isKept(name: string, value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- what may not stand in a header
  return !own.test(name) && isToken(name) && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value);
}

/** A map by name; lines where a name comes twice. */
function headersOf(headers: readonly Header[]): Connection["headers"] | undefined {
  if (headers.length === 0) return undefined;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const isPlain = names.size === headers.length && !names.has("__proto__");
  return isPlain
    ? Object.fromEntries(headers)
    : headers.map(([name, value]) => `${name}: ${value}`);
}

function cookiesOf(request: readonly Header[]): Record<string, string> | undefined {
  const cookies = headerValues(request, "cookie")
    .flatMap((line) => line.split(";"))
    .flatMap((pair): [string, string][] => {
      const at = pair.indexOf("=");
      const name = pair.slice(0, Math.max(0, at)).trim();
      if (!isToken(name) || name === "__proto__") return [];
      return [[name, literal(pair.slice(at + 1).trim())]];
    });
  return cookies.length === 0 ? undefined : Object.fromEntries(cookies);
}

/** The value as a template: what was redacted is asked of the environment. */
function template(name: string, value: string, env: Set<string>): string {
  if (!value.includes(redacted)) return literal(value);
  const variable = name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const called = /^[A-Z]/.test(variable) ? variable : `SECRET_${variable}`;
  env.add(called);
  return joined(holesFor(redacted, `{{ $env.${called} }}`, value));
}

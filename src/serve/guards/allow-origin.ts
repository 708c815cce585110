/**
 * Owns the guard of origins: pages of other sites must not open sockets with the cookies of whoever
 * looks at them (CWE-1385). Browsers always send Origin, so a request without one is refused too,
 * unless `none` is allowed beside the rest.
 */
import type { IncomingMessage } from "node:http";
import { WsctlError } from "../../base/errors.js";
import type { GuardKind, Refusal } from "../guard.js";
import { sentValues } from "./sent-header.js";

/** An origin taken apart; case and default port no longer matter. */
interface Origin {
  /** Scheme and port: these are always compared exactly. */
  readonly channel: string;
  readonly host: string;
}

const serialised =
  /^([a-z][a-z\d+.-]*):\/\/(\[[\da-f:.]+\]|[a-z\d_-]+(?:\.[a-z\d_-]+)*)(?::(\d{1,5}))?$/i;

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["ws", 80],
  ["https", 443],
  ["wss", 443],
]);

/** Anything but a serialised origin (RFC 6454 §6.2) is undefined; `null` is too. */
function parseOrigin(text: string): Origin | undefined {
  const [, scheme, host, port] = serialised.exec(text.toLowerCase()) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  return {
    channel: `${scheme}:${port === undefined ? defaultPorts.get(scheme) : Number(port)}`,
    host,
  };
}

/** What is allowed. */
class AllowedOrigins {
  #missing = false;
  #opaque = false;
  readonly #exact = new Set<string>();
  readonly #subdomains: Origin[] = [];

  /** @throws WsctlError WSCTL_EUSAGE */
  add(text: string): void {
    if (text === "none") this.#missing = true;
    else if (text === "null") this.#opaque = true;
    else {
      const origin = parseOrigin(text.replace("://*.", "://"));
      if (!origin) {
        throw new WsctlError("WSCTL_EUSAGE", `--allow-origin: "${text}" is not an origin`, {
          hint:
            "write it as browsers send it, without a path: https://app.example.com, " +
            "https://*.example.com, null, or none for clients that send no Origin",
        });
      }
      if (text.includes("://*.")) this.#subdomains.push(origin);
      else this.#exact.add(`${origin.channel} ${origin.host}`);
    }
  }

  /** Why these values of Origin are not allowed, undefined if they are. */
  problem(values: readonly string[]): string | undefined {
    const [text] = values;
    if (text === undefined) return this.#missing ? undefined : "the Origin is missing";
    if (values.length > 1) return "there are several Origins";
    if (text === "null" && this.#opaque) return undefined;
    const origin = parseOrigin(text);
    return origin && this.#has(origin) ? undefined : "origin not allowed";
  }

  #has({ channel, host }: Origin): boolean {
    return (
      this.#exact.has(`${channel} ${host}`) ||
      this.#subdomains.some((each) => each.channel === channel && host.endsWith(`.${each.host}`))
    );
  }
}

/** Refuses pages of other origins with 403. */
export const allowOrigin: GuardKind = {
  flags: [
    {
      flag: "--allow-origin <origin>",
      summary:
        "refuse other origins with 403: https://app.example.com, https://*.example.com, null; " +
        "add none to admit clients that send no Origin",
      repeatable: true,
    },
  ],
  create(values) {
    const allowed = new AllowedOrigins();
    for (const text of values.all("allow-origin")) allowed.add(text);
    return {
      admit(request: IncomingMessage): Refusal | undefined {
        const error = allowed.problem(sentValues(request, "origin"));
        return error === undefined ? undefined : { status: 403, error };
      },
    };
  },
};

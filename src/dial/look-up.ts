/** Owns the look-up of a dial: from a host to the addresses that may be tried, within the deadline. */
import { isIP } from "node:net";
import type { Deadline, Timeouts } from "./deadline.js";
import { codeOf, DialError } from "./dial-error.js";
import { type Address, type Resolution, type Resolver, systemResolver } from "./resolver.js";
import type { Endpoint } from "./target.js";

/** How to find addresses. */
export interface LookUpOptions {
  /** Only addresses of this family. */
  readonly family?: 4 | 6 | undefined;
  /** Asks the system each time unless told. */
  readonly resolver?: Resolver | undefined;
  /** `dns` counts. */
  readonly timeouts?: Timeouts | undefined;
}

function resolve(
  { host, port }: Endpoint,
  resolver: Resolver,
  deadline: Deadline,
): Promise<Resolution> {
  return new Promise((found, failed) => {
    deadline.onEnd = (ending) => {
      failed(
        deadline.error(ending, "dns", `looking up ${host}`, {
          hint: "the name server does not answer; check this machine's network",
        }),
      );
    };
    resolver.resolve(host, port).then(found, (cause: unknown) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      const code = codeOf(error);
      const hint =
        code === "EAI_AGAIN"
          ? "the name server did not answer; check this machine's network"
          : "check the spelling; a name of your own belongs in DNS or the hosts file";
      failed(
        new DialError("WSCTL_EDNS", "dns", "dns", `could not resolve host ${host}`, {
          hint,
          cause,
          where: [code],
        }),
      );
    });
  });
}

/** What an endpoint that is an address stands for; undefined where a name is to be looked up. */
function literal({ host }: Endpoint): Resolution | undefined {
  const family = isIP(host);
  if (family !== 4 && family !== 6) return undefined;
  return { addresses: [{ address: host, family }], fresh: false };
}

/**
 * The addresses of an endpoint that may be tried, in order. An address needs no look-up: then they are
 * there at once, for a dial of thousands has better to do than to wait for nothing.
 * @throws DialError of the phase dns
 */
export function addressesOf(
  endpoint: Endpoint,
  options: LookUpOptions,
  deadline: Deadline,
): Resolution | Promise<Resolution> {
  const known = literal(endpoint);
  return known ? fitting(known, endpoint, options) : lookedUp(endpoint, options, deadline);
}

async function lookedUp(
  endpoint: Endpoint,
  options: LookUpOptions,
  deadline: Deadline,
): Promise<Resolution> {
  deadline.restrict(options.timeouts?.dns);
  const found = await resolve(endpoint, options.resolver ?? systemResolver, deadline);
  deadline.onEnd = undefined;
  return fitting(found, endpoint, options);
}

/** Those addresses that are of the family that is asked for. */
function fitting(resolution: Resolution, { host }: Endpoint, options: LookUpOptions): Resolution {
  const fits = ({ family }: Address) => options.family === undefined || options.family === family;
  const addresses = resolution.addresses.filter(fits);
  if (addresses.length === 0) {
    const wanted = options.family === undefined ? "address" : `IPv${options.family} address`;
    throw new DialError("WSCTL_EDNS", "dns", "dns", `${host} has no ${wanted}`, {
      hint: options.family === undefined ? undefined : "allow the other family",
      where: resolution.addresses.map(({ address }) => address),
    });
  }
  return { addresses, fresh: resolution.fresh };
}

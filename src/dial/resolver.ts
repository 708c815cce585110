/** Owns how names become addresses. */
import { lookup } from "node:dns/promises";

/** One address of a host. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** What a name stands for. */
export interface Resolution {
  /** In the order in which they are to be tried. */
  readonly addresses: readonly Address[];
  /** Whether this very call asked the system: only then was time spent on DNS. */
  readonly fresh: boolean;
}

/** Anything that can resolve names; never asked about what is an address already. */
export interface Resolver {
  /** Rejects with the system's error, such as one with the code ENOTFOUND. */
  resolve(host: string, port: number): Promise<Resolution>;
}

/** Asks the system each time, as all programs of the machine do: hosts file, then DNS. */
export const systemResolver: Resolver = {
  async resolve(host) {
    const found = await lookup(host, { all: true, verbatim: true });
    const addresses = found.map(({ address, family }): Address => ({
      address,
      family: family === 6 ? 6 : 4,
    }));
    return { addresses, fresh: true };
  },
};

interface Entry {
  readonly found: Promise<Resolution>;
  /** Of performance.now(). */
  readonly goodUntil: number;
}

/** Remembers what another resolver said. Failures are not remembered; dials under way at the same
 * time share one look-up. */
export class CachingResolver implements Resolver {
  readonly #inner: Resolver;
  readonly #ttl: number;
  readonly #entries = new Map<string, Entry>();

  /** @param ttl milliseconds for which an answer is used again; for ever unless told */
  constructor(inner: Resolver = systemResolver, ttl = Infinity) {
    this.#inner = inner;
    this.#ttl = ttl;
  }

  async resolve(host: string, port: number): Promise<Resolution> {
    const key = `${host}:${port}`;
    const known = this.#entries.get(key);
    if (known && performance.now() < known.goodUntil) {
      return { addresses: (await known.found).addresses, fresh: false };
    }
    const found = this.#inner.resolve(host, port);
    const entry = { found, goodUntil: performance.now() + this.#ttl };
    this.#entries.set(key, entry);
    try {
      return await found;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }
}

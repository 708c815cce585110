/** Owns the servers that a proxy was told of, and those that a fault names. */
import { parseTarget, type Target } from "../dial/target.js";
import type { Backends } from "../faults/fault-set.js";
import type { ProxyOptions } from "./options.js";

/** The backends of a proxy, by their whole addresses. */
export class ProxyBackends implements Backends {
  readonly all: readonly string[];
  readonly #targets = new Map<string, Target>();

  constructor({ target, routes = [] }: Pick<ProxyOptions, "target" | "routes">) {
    for (const each of [target, ...routes.map((route) => route.target)]) {
      if (each) this.#targets.set(each.href, each);
    }
    this.all = [...this.#targets.keys()];
  }

  /** @throws WsctlError WSCTL_EUSAGE for what is no address of a WebSocket */
  read(text: string): string {
    const target = parseTarget(text);
    this.#targets.set(target.href, target);
    return target.href;
  }

  /** The target of an address that came of here. */
  target(href: string): Target | undefined {
    return this.#targets.get(href);
  }
}

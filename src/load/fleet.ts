/**
 * Owns a worker's connections as a whole: who is open, what became of each one's requests, and
 * ending them all.
 */
import { slowestEndings } from "./ending.js";
import { inTurns } from "./in-turns.js";
import type { Link } from "./link.js";
import type { Rig } from "./rig.js";

/** The links of one shard, by position; undefined where none has opened. */
export class Fleet {
  readonly links: (Link | undefined)[];
  /** Connections whose requests and fates do not add up. */
  off = 0;
  /** Called whenever the last open connection has ended. */
  onEmpty: () => void = () => {};
  readonly #rig: Rig;
  readonly #settled = new WeakSet<Link>();
  #whenAllEnded: (() => void) | undefined;

  constructor(size: number, rig: Rig) {
    this.links = Array.from({ length: size });
    this.#rig = rig;
  }

  /** How many can be sent to. */
  get open(): number {
    return this.links.reduce((sum, link) => sum + (link?.open ? 1 : 0), 0);
  }

  /** Whether an answer is still to come on any connection. */
  get waiting(): boolean {
    return this.links.some((link) => link?.open && link.awaits);
  }

  /** On how many replies could not be paired with requests any more. */
  get pairingLost(): number {
    return this.links.reduce((sum, link) => sum + (link?.pairingLost ? 1 : 0), 0);
  }

  /** Gives up on requests written before `limit`. */
  expire(limit: number, now: number): void {
    for (const link of this.links) link?.expire(limit, now);
  }

  /** Takes note that a connection is gone: whatever it still waited for will not come. */
  ended(link: Link): void {
    this.#settle(link, "ws_msg_disconnected");
    if (this.#rig.meter.open > 0) return;
    this.#whenAllEnded?.();
    this.onEmpty();
  }

  /**
   * Closes every connection with 1000. The server is to close TCP; when none has done so for `grace`
   * ms, the rest is reset.
   * @param patience ms for those to whom the close frame has to find its way past a queue
   */
  async close(grace: number, patience = 0): Promise<void> {
    await inTurns(this.links, (link) => {
      if (!link?.open) return;
      this.#settle(link, "ws_msg_in_flight");
      link.close(1000);
    });
    const isQueued = this.links.some((link) => link?.backedUp);
    await this.#allEnded(isQueued ? Math.max(grace, patience) : grace);
    await inTurns(this.links, (link) => link?.destroy());
    await this.#allEnded(grace);
  }

  /** Gives the requests that still wait their fate, and holds the connection's own sum, once. */
  #settle(link: Link, fate: "ws_msg_disconnected" | "ws_msg_in_flight"): void {
    const waiting = link.ledger.clear();
    this.#rig.meter.hot[fate] += waiting;
    if (!this.#rig.correlates || this.#settled.has(link)) return;
    this.#settled.add(link);
    if (link.expected !== link.answered + link.timedOut + waiting) this.off++;
  }

  /**
   * Resolves when all have ended, or for `grace` ms none has. Who lets them go one by one only is
   * waited for no longer than it takes at a rate of `slowestEndings`.
   */
  async #allEnded(grace: number): Promise<void> {
    const { meter } = this.#rig;
    const until = performance.now() + grace + (meter.open / slowestEndings) * 1000;
    let before = Infinity;
    while (meter.open > 0 && meter.open < before && performance.now() < until) {
      before = meter.open;
      await new Promise<void>((resolve) => {
        const left = Math.max(1, until - performance.now());
        const timer = setTimeout(resolve, Math.min(grace, left));
        this.#whenAllEnded = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#whenAllEnded = undefined;
  }
}

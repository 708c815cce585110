/**
 * Owns who of a fleet is the source of prices: the node that holds a lock in Redis, which ends by
 * itself unless it is renewed. A holder that cannot reach Redis is the source no longer than that by
 * its own clock, so that there are never two. Each holder has a higher term than the one before.
 */
import type { Backplane } from "../../backplane.js";
import { isWhole } from "../../backplane-envelope.js";

/** The lock holds so many ms, and is asked for so often. */
const holds = 5000;
const every = 1000;
/** After Redis was away, whoever held the lock before has so many ms to get it again. */
const courtesy = 2500;

/** Takes the lock or renews it, and tells the term: 0 when another holds it. */
const claim = `
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if holder then
  redis.call('pexpire', KEYS[1], ARGV[2])
  return tonumber(redis.call('get', KEYS[2]) or 0)
end
local term = math.max(tonumber(redis.call('get', KEYS[2]) or 0), tonumber(ARGV[3])) + 1
redis.call('set', KEYS[2], string.format('%.0f', term))
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return term`;
const release = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end`;
const keys = ["source", "term"];
/** Whoever leaves waits so many ms for Redis at most. */
const endPatience = 500;

/** The lock, as one node sees it. */
export class SourceLock {
  /** The highest term that is known of. */
  term = 0;
  readonly #backplane: Pick<Backplane, "life" | "script">;
  readonly #won: () => void;
  readonly #timer: NodeJS.Timeout;
  /** By the monotonic clock, in ms. */
  #heldUntil = 0;
  #ownTerm = 0;
  /** The term that was last told of as won. */
  #toldTerm = 0;
  #patientUntil = 0;
  #asking = false;

  /** @param won told when this node has become the source, with a new term */
  constructor(backplane: Pick<Backplane, "life" | "script">, won: () => void) {
    this.#backplane = backplane;
    this.#won = won;
    this.#timer = setInterval(() => void this.ask(), every).unref();
  }

  /** Whether this node is the source now. */
  get held(): boolean {
    return this.#ownTerm === this.term && performance.now() < this.#heldUntil;
  }

  /** Asks for the lock; renews it if it is held. */
  async ask(): Promise<void> {
    const asked = performance.now();
    if (this.#asking || (asked < this.#patientUntil && !this.held)) return;
    this.#asking = true;
    const args = [this.#backplane.life, String(holds), String(this.term)];
    try {
      const term = await this.#backplane.script(claim, keys, args);
      if (isWhole(term) && term > 0) this.#hold(term, asked + holds);
    } catch {
      // Redis is away: what is held ends by itself, and the next time may succeed.
    } finally {
      this.#asking = false;
    }
  }

  /** Redis is back. */
  back(): void {
    if (!this.held) this.#patientUntil = performance.now() + courtesy;
    void this.ask();
  }

  /** Lets another node have it. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.held) return;
    this.#heldUntil = 0;
    const released = this.#backplane.script(release, ["source"], [this.#backplane.life]);
    // Redis may have stopped, and not be known to have: the lock ends by itself.
    const late = new Promise<void>((resolve) => setTimeout(resolve, endPatience).unref());
    await Promise.race([released.catch(() => {}), late]);
  }

  #hold(term: number, until: number): void {
    this.#heldUntil = until;
    this.#ownTerm = term;
    this.term = Math.max(this.term, term);
    // An answer that took longer than the lock holds is no news yet: the next renewal brings it.
    if (term === this.#toldTerm || !this.held) return;
    this.#toldTerm = term;
    this.#won();
  }
}

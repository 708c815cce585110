/**
 * Owns the queue of users that want a connection: never faster than the connect rate, never more
 * handshakes at once than helps (50–200; 1,000 were slower) unless told, first come first served.
 */

const mostUnderWay = 100;
/** Begun in one turn at most: a crowd that comes back would hold up all that is due. */
const mostInTurn = 100;
/** What was missed is made up for no longer than this, in ms: saved up it would leave in a burst. */
const allowance = 5;

/** Lets so many dial. */
export class DialQueue<T> {
  readonly #gap: number;
  readonly #dial: (who: T) => Promise<void> | undefined;
  readonly #broken: (error: unknown) => void;
  readonly #most: number;
  #queue: T[] = [];
  #head = 0;
  #nextAt = -Infinity;
  #underWay = 0;

  /**
   * @param rate dials per second at most
   * @param dial resolves when the dial has ended one way or the other; undefined when it was not
   * begun, which uses up nothing of the rate
   * @param broken told when it rejects
   * @param most dials under way at once
   */
  constructor(
    rate: number,
    dial: (who: T) => Promise<void> | undefined,
    broken: (error: unknown) => void,
    most = mostUnderWay,
  ) {
    this.#gap = 1000 / rate;
    this.#dial = dial;
    this.#broken = broken;
    this.#most = most;
  }

  /**
   * When the next may begin, on the clock of {@link advance}; Infinity: nobody waits. While as many
   * are under way as may be, -Infinity: any of them may end at any time.
   */
  get nextAt(): number {
    if (!this.#isWaiting) return Infinity;
    return this.#underWay < this.#most ? this.#nextAt : -Infinity;
  }

  get #isWaiting(): boolean {
    return this.#head < this.#queue.length;
  }

  push(who: T): void {
    this.#queue.push(who);
  }

  /** Begins what may begin by `now`. */
  advance(now: number): void {
    if (!this.#isWaiting) return;
    this.#nextAt = Math.max(this.#nextAt, now - allowance);
    let begun = 0;
    while (this.#isWaiting && this.#underWay < this.#most && this.#nextAt <= now) {
      if (begun === mostInTurn) break;
      const dialling = this.#dial(this.#queue[this.#head++]!);
      if (!dialling) continue;
      begun++;
      this.#nextAt += this.#gap;
      this.#follow(dialling).catch(this.#broken);
    }
    if (this.#head < 1024 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  async #follow(dialling: Promise<void>): Promise<void> {
    this.#underWay++;
    try {
      await dialling;
    } finally {
      this.#underWay--;
    }
  }
}

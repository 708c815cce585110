/**
 * Owns the opening of a worker's connections: never faster than the connect rate, never more
 * handshakes at once than helps (50–200; 1,000 were slower), in order of their indices.
 */

const mostInFlight = 100;
const beat = 5;

/** How to open a shard's connections. */
export interface OpenOrder {
  /** How many in all. */
  readonly count: number;
  /** Connections per second at most. */
  readonly rate: number;
  /** Opens one; never throws. If it rejects, so does everything. */
  readonly open: (position: number) => Promise<void>;
  /** Stops new dials; those under way are waited for. */
  readonly signal: AbortSignal;
}

/** Opens all; resolves when every dial has ended one way or the other. Rejects with the first error of `open`. */
export function openAll({ count, rate, open, signal }: OpenOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    const gap = 1000 / rate;
    // When the next dial is due. What was missed is made up for no longer than a beat: allowance that
    // is saved up would leave in a burst faster than the rate.
    let nextAt = performance.now();
    let begun = 0;
    let underWay = 0;
    let broken = false;
    const timer = setInterval(advance, beat);

    function advance(): void {
      if (broken) return;
      const now = performance.now();
      nextAt = Math.max(nextAt, now - Math.max(beat, gap));
      while (!signal.aborted && begun < count && underWay < mostInFlight && nextAt <= now) {
        nextAt += gap;
        underWay++;
        open(begun++).then(ended).catch(failed);
      }
      if (underWay === 0 && (begun === count || signal.aborted)) {
        clearInterval(timer);
        resolve();
      }
    }

    function ended(): void {
      underWay--;
      advance();
    }

    function failed(error: unknown): void {
      broken = true;
      clearInterval(timer);
      reject(error instanceof Error ? error : new Error(String(error)));
    }

    advance();
  });
}

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
  /** Opens one. If it rejects, so does everything. */
  readonly open: (position: number) => Promise<void>;
  /** Stops new dials; those under way are waited for. */
  readonly signal: AbortSignal;
}

/** Opens all; resolves when every dial has ended one way or the other. Rejects with the first error of `open`. */
export function openAll({ count, rate, open, signal }: OpenOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let begun = 0;
    let underWay = 0;
    let broken = false;
    const timer = setInterval(advance, beat);

    function advance(): void {
      // The first is due at once; a beat's worth of allowance is never saved up beyond `rate`.
      const due = Math.min(count, 1 + Math.floor(((performance.now() - startedAt) * rate) / 1000));
      if (broken) return;
      while (!signal.aborted && begun < due && underWay < mostInFlight) {
        begin(begun++).catch(failed);
      }
      if (underWay === 0 && (begun === count || signal.aborted)) {
        clearInterval(timer);
        resolve();
      }
    }

    async function begin(position: number): Promise<void> {
      underWay++;
      await open(position);
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

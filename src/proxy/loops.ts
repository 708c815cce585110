/**
 * Owns the suspicion of a loop: two proxies that lead to each other would open connections until none
 * are left. No mark is put on what passes, so that what gives a loop away is that the very same request
 * is asked again and again before it was answered once.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Nowhere } from "./destination.js";

/** So many of the very same may wait for their answers; clients that ask alike at once are not so many. */
const mostAlike = 100;

/** Requests of one proxy that were not answered. */
export class Loops {
  readonly #waiting = new Map<string, number>();

  /**
   * A request is to be passed on.
   * @returns to be called once it was answered, or is given up
   * @throws Nowhere when it seems to come from the proxy itself by a way round
   */
  enter({ method, url, rawHeaders }: IncomingMessage): () => void {
    const head = JSON.stringify([method, url, rawHeaders]);
    const mark = createHash("sha1").update(head).digest("base64");
    const alike = this.#waiting.get(mark) ?? 0;
    if (alike >= mostAlike) {
      throw new Nowhere(508, "this seems to lead back to the proxy by a way round");
    }
    this.#waiting.set(mark, alike + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = this.#waiting.get(mark)! - 1;
      if (left === 0) this.#waiting.delete(mark);
      else this.#waiting.set(mark, left);
    };
  }
}

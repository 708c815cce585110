/**
 * Owns how a process of several tells its parent what happens: no faster than the parent takes it.
 * A parent whose output nobody reads stands still, and what is sent to it would pile up here.
 */
import { isVital, type ServeEvent, type Watcher } from "../../serve/events.js";

/** So many events, with so many bytes of payload, may be under way; the rest is left out. */
const mostUnderWay = 1000;
const mostBytes = 64 * 1024 * 1024;

/** Tells events as long as they are taken, and how many were left out. */
export class EventRelay implements Watcher {
  readonly messages: boolean;
  readonly #wanted: boolean;
  readonly #send: (event: ServeEvent) => Promise<void>;
  #underWay = 0;
  #bytes = 0;
  #skipped = 0;

  /**
   * @param verbose 0: nothing is told but what is vital, 1: connects and closes, 2: messages too
   * @param send resolves when the event was handed over
   */
  constructor(verbose: number, send: (event: ServeEvent) => Promise<void>) {
    this.#wanted = verbose > 0;
    this.messages = verbose > 1;
    this.#send = send;
  }

  tell(event: ServeEvent): void {
    if (!this.#wanted && !isVital(event)) return;
    const full = this.#underWay >= mostUnderWay || this.#bytes >= mostBytes;
    // What was skipped is told before what comes after it, and not for each event anew.
    if (full || (this.#skipped > 0 && this.#underWay > mostUnderWay / 2)) {
      this.#skipped++;
      return;
    }
    this.#tellSkipped();
    void this.#hand(event);
  }

  #tellSkipped(): void {
    const count = this.#skipped;
    this.#skipped = 0;
    if (count > 0) void this.#hand({ event: "skipped", count });
  }

  async #hand(event: ServeEvent): Promise<void> {
    const size = "data" in event ? event.data.length : 0;
    this.#underWay++;
    this.#bytes += size;
    await this.#send(event);
    this.#bytes -= size;
    if (--this.#underWay === 0) this.#tellSkipped();
  }
}

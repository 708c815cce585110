/**
 * Owns what a node says to the others: each message numbered, under way, then published or not. A
 * message that cannot be published at once never is.
 */
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { JsonValue } from "../message/json.js";
import { type Envelope, sealed } from "./backplane-envelope.js";
import type { Link } from "./backplane-link.js";

/** What goes with a message. */
export interface Carried {
  /** As how many messages it counts: 1 unless told. */
  readonly count?: number;
  readonly payload?: Buffer;
}

/** Who speaks, and where. */
export interface OutboxOptions {
  readonly link: Link;
  /** Whether Redis can be given anything. */
  readonly isUp: () => boolean;
  readonly channel: string;
  readonly life: string;
  readonly node: string;
  /** Redis answers with an error; told once until it takes a message again. */
  readonly refused: (why: string) => void;
}

/** What may be under way to Redis; what is more is not published. */
const mostUnderWay = 20_000;
const mostBytes = 16 * 1024 ** 2;

/** What one node says. */
export class Outbox {
  /** Messages that Redis took. */
  published = 0;
  /** Messages that it did not. */
  undelivered = 0;
  /** Whether others may not know how this node stands. */
  owes = false;
  readonly #options: OutboxOptions;
  /** Messages that ended with their connection, by their last number: Redis may have taken them. */
  readonly #doubtful = new Map<number, number>();
  #last = 0;
  /** The number of the last message that this node heard itself say. */
  #heardTo = 0;
  #underWay = 0;
  #bytes = 0;
  #refused = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Says something that counts. */
  publish(kind: string, body: unknown, { count = 1, payload }: Carried = {}): void {
    this.#last += count;
    if (this.#options.isUp() && this.#underWay < mostUnderWay && this.#bytes < mostBytes) {
      void this.#send(kind, body, count, payload);
    } else {
      this.undelivered += count;
      this.owes = true;
    }
  }

  /** Says something of the fleet itself; resolves when Redis has it, or will not get it. */
  async inform(kind: string, body: unknown): Promise<void> {
    if (this.#options.isUp()) await this.#send(kind, body, 0);
    else this.owes = true;
  }

  /**
   * The first word: how many heard it, this node included.
   * @throws WsctlError WSCTL_ETCP when Redis does not allow it
   */
  async hello(body: unknown): Promise<number> {
    const { link, channel } = this.#options;
    try {
      return await link.redis!.publish(channel, this.#sealed("hello", body, 0));
    } catch (cause) {
      const why = safeLine(messageOf(cause));
      throw new WsctlError("WSCTL_ETCP", `Redis lets nothing be published: ${why}`, { cause });
    }
  }

  /** What this node hears itself say was published, even if Redis had no time left to confirm it. */
  heard({ last, count }: Envelope): void {
    if (count > 0) this.#heardTo = Math.max(this.#heardTo, last);
    if (this.#doubtful.get(last) !== count) return;
    this.#doubtful.delete(last);
    this.undelivered -= count;
    this.published += count;
  }

  /** Nothing that was said before a loss will be heard any more. */
  settle(): void {
    this.#doubtful.clear();
  }

  async #send(kind: string, body: unknown, count: number, payload?: Buffer): Promise<void> {
    const { link, channel } = this.#options;
    const number = this.#last;
    const data = this.#sealed(kind, body, count, payload);
    this.#underWay++;
    this.#bytes += data.length;
    try {
      await link.redis!.publish(channel, data);
      this.published += count;
      this.#refused = false;
    } catch (error) {
      this.owes = true;
      this.#failed(error, number, count);
    } finally {
      this.#underWay--;
      this.#bytes -= data.length;
    }
  }

  #failed(error: unknown, number: number, count: number): void {
    const isRefusal = error instanceof Error && error.name === "ReplyError";
    // One connection may break before it brings the answer, and the other have brought the message.
    if (!isRefusal && number <= this.#heardTo) {
      this.published += count;
      return;
    }
    this.undelivered += count;
    if (isRefusal) this.#tellRefusal(error);
    else if (count > 0 && this.#doubtful.size < mostUnderWay) this.#doubtful.set(number, count);
  }

  #sealed(kind: string, body: unknown, count: number, payload?: Buffer): Buffer {
    const { life, node } = this.#options;
    // What a mode says is made of JSON's own values.
    return sealed({ life, node, last: this.#last, count, kind, body: body as JsonValue, payload });
  }

  #tellRefusal(error: Error): void {
    if (this.#refused) return;
    this.#refused = true;
    this.#options.refused(safeLine(messageOf(error)));
  }
}

/**
 * Owns the playing of a recording to one client, at the client's own pace: what the server said after
 * the client's n-th message is said after the n-th message of this client, as long after it as it was
 * recorded. Who is early is not kept waiting: the first answer to each message keeps its delay, and
 * what else was said before the client's next message waits no longer once that has come.
 */
import { longestTimer } from "../base/timer.js";
import type { Peer } from "../serve/peer.js";
import { type Arrival, Arrivals } from "./mock-arrivals.js";
import type { Carry } from "./mock-carry.js";
import { MockClock, type MockPace } from "./mock-clock.js";
import type { HeardStep, MockStep } from "./mock-step.js";
import type { Take } from "./mock-take.js";

/** What a player needs beside its client. */
export interface PlayerOptions {
  readonly peer: Peer;
  /** What is played; the first answers are those of this one. */
  readonly take: Take;
  /** Among which the client's messages are looked for; undefined: answers follow their count. */
  readonly among: readonly Take[] | undefined;
  readonly carry: Carry;
  readonly pace: MockPace;
  /** A monotonic clock in ms. */
  readonly now: () => number;
  /** Told of a message for which there is no answer. */
  readonly onUnexpected: (arrival: Arrival, why: string) => void;
}

/** So many bytes may wait for a client; what else is to be said stays where it is until then. */
const mostBuffered = 1024 ** 2;
/** How often is looked whether they are fewer, in ms. */
const lookAgain = 5;

/** Plays to one client. */
export class MockPlayer {
  /** Messages that were said, and messages of the client that were answered as recorded. */
  said = 0;
  heard = 0;
  readonly #options: PlayerOptions;
  readonly #arrivals: Arrivals;
  readonly #clock: MockClock;
  #isGone = false;
  #stir: (() => void) | undefined;

  constructor(options: PlayerOptions) {
    const { peer, take, pace, now } = options;
    this.#options = options;
    this.#arrivals = new Arrivals(peer);
    this.#clock = new MockClock(pace, now(), take.opened);
    peer.onMessage = (data, binary) => {
      this.#arrivals.add(now(), data, binary);
      this.#stir?.();
    };
    peer.onClose(() => {
      this.#isGone = true;
      this.#stir?.();
    });
  }

  /** Plays until the client is gone. */
  async play(): Promise<void> {
    const { take, among } = this.#options;
    const isOver = among
      ? (await this.#playOn(take.steps())) || (await this.#answer(among))
      : await this.#follow(take);
    // Whatever still comes is more than was recorded.
    for (;;) {
      const arrival = isOver ? undefined : await this.#next();
      if (!arrival) return;
      this.#options.onUnexpected(arrival, "the recording has no more messages of the client");
    }
  }

  /** All of it, in its order. Whether nothing may come any more. */
  async #follow(take: Take): Promise<boolean> {
    let isFirst = true;
    for await (const step of take.steps()) {
      if (step.kind !== "hear") {
        if (await this.#do(step, isFirst)) return true;
        isFirst = false;
        continue;
      }
      const arrival = await this.#next();
      if (!arrival) return true;
      this.#take(arrival, step);
      isFirst = true;
    }
    return false;
  }

  /** Answers what is found, until the client is gone. */
  async #answer(among: readonly Take[]): Promise<boolean> {
    /** Where the last message stood that was found. */
    let place: Place | undefined;
    for (;;) {
      const arrival = await this.#next();
      if (!arrival) return true;
      const own = place?.take ?? this.#options.take;
      const next = found(arrival, own, among, place);
      if (!next) {
        this.#options.onUnexpected(arrival, "no message of the recording is like it");
        continue;
      }
      place = next;
      const steps = place.take.steps(place.at)[Symbol.asyncIterator]();
      const { value, done } = await steps.next();
      if (!done && value.kind === "hear") this.#take(arrival, value);
      if (await this.#playOn({ [Symbol.asyncIterator]: () => steps })) return true;
    }
  }

  /** What comes before the client's next message. Whether nothing may come any more. */
  async #playOn(steps: AsyncIterable<MockStep>): Promise<boolean> {
    let isFirst = true;
    for await (const step of steps) {
      if (step.kind === "hear") return this.#isGone;
      if (await this.#do(step, isFirst)) return true;
      isFirst = false;
    }
    return this.#isGone;
  }

  #take(arrival: Arrival, step: HeardStep): void {
    const { carry, onUnexpected } = this.#options;
    this.heard++;
    if (arrival.binary !== step.binary) {
      onUnexpected(arrival, `it is ${kindOf(arrival)}, the recorded one is ${kindOf(step)}`);
    }
    carry.heard(step.payload, arrival.payload, arrival.binary && step.binary);
    this.#clock.set(arrival.at, step.t);
  }

  /** Does it when it is due. Whether that was the end. */
  async #do(step: Exclude<MockStep, HeardStep>, keepsDelay: boolean): Promise<boolean> {
    const { peer, carry } = this.#options;
    await this.#until(this.#clock.due(step.t), keepsDelay);
    if (this.#isGone) return true;
    switch (step.kind) {
      case "say": {
        const { binary, frags } = step;
        const payload = carry.carried(step.payload, binary);
        if (frags && payload.length === step.payload.length) {
          peer.pushInParts(payload, binary, frags);
        } else peer.push(payload, binary);
        this.said++;
        return false;
      }
      case "ping":
        if (peer.open) peer.socket.ping(step.payload);
        return false;
      case "close":
        if (step.code === undefined) peer.socket.close();
        else peer.close(step.code, step.reason);
        return true;
      case "cut":
        peer.socket.terminate();
        return true;
      default:
        return step satisfies never;
    }
  }

  /** Resolves at `due`, when the client has room, or when it is gone. */
  async #until(due: number, keepsDelay: boolean): Promise<void> {
    const { peer, now } = this.#options;
    while (!this.#isGone) {
      const isHurried = !keepsDelay && this.#arrivals.length > 0;
      const wait = isHurried ? 0 : due - now();
      if (wait <= 0 && peer.buffered <= mostBuffered) return;
      await this.#stirred(wait <= 0 ? lookAgain : wait);
    }
  }

  /** The client's next message; undefined when it is gone. */
  async #next(): Promise<Arrival | undefined> {
    while (!this.#isGone && this.#arrivals.length === 0) await this.#stirred(longestTimer);
    return this.#isGone ? undefined : this.#arrivals.take();
  }

  /** Resolves after so many ms, or when something has come of the client. */
  #stirred(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#stir?.(), Math.min(Math.ceil(ms), longestTimer));
      this.#stir = () => {
        clearTimeout(timer);
        this.#stir = undefined;
        resolve();
      };
    });
  }
}

/** Where a message of the client stands. */
interface Place {
  readonly take: Take;
  readonly at: number;
}

/** Where such a message stands: in the first that has one, behind the last that was found there. */
function found(
  arrival: Arrival,
  own: Take,
  among: readonly Take[],
  last: Place | undefined,
): Place | undefined {
  const at = own.lookup?.find(arrival, own === last?.take ? last.at : -1);
  if (at !== undefined) return { take: own, at };
  for (const take of among) {
    const first = take === own ? undefined : take.lookup?.find(arrival, -1);
    if (first !== undefined) return { take, at: first };
  }
  return undefined;
}

function kindOf({ binary }: { readonly binary: boolean }): string {
  return binary ? "binary" : "text";
}

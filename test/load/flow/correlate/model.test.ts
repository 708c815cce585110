/**
 * Holds the registers against a model that keeps everything: random courses of sending, answering and
 * giving up, with far more in flight than is remembered of what was answered.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ById } from "../../../../src/load/flow/correlate/id.js";
import { type Request, RequestPool } from "../../../../src/load/flow/correlate/request.js";
import { Incoming } from "../../../../src/load/flow/incoming.js";
import type { JsonValue } from "../../../../src/message/json.js";

interface Sent {
  readonly key: string;
  readonly name: number;
  written: number;
  isDoubtful: boolean;
}

interface Past {
  readonly fate: "answered" | "expired";
  readonly at: number;
  /** How many answers there were before it. */
  readonly answers: number;
}

/** What every key has met, for good. */
class Model {
  readonly waiting = new Map<string, Sent[]>();
  readonly past = new Map<string, Past>();
  readonly answered = new Set<string>();
  sent: Sent[] = [];
  answers = 0;
  pairingLost = false;
  readonly #timeout: number;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  add(key: string, name: number, written: number, now: number): Sent {
    const past = this.past.get(key);
    const same = this.waiting.get(key) ?? [];
    const isGivenUp = past?.fate === "expired" && now - past.at < this.#timeout;
    const sent = { key, name, written, isDoubtful: same.length === 0 && isGivenUp };
    this.waiting.set(key, [...same, sent]);
    this.sent.push(sent);
    return sent;
  }

  /** The fates that a message may be said to have, and the request that it answers. */
  receive(key: string, now: number): { readonly fates: readonly string[]; readonly name?: number } {
    const [first] = this.waiting.get(key) ?? [];
    if (first) {
      if (first.written === Infinity) return { fates: ["unmatched"] };
      this.#settle(first, "answered", now);
      if (first.isDoubtful) this.pairingLost = true;
      return { fates: ["answer"], name: first.name };
    }
    const past = this.past.get(key);
    if (!past) return { fates: ["unmatched"] };
    const isDue = now - past.at < this.#timeout;
    if (past.fate === "expired") {
      if (isDue) return { fates: ["late"] };
      // What the same key met before that may be all that is still known of it.
      return { fates: ["late", "unmatched", ...(this.answered.has(key) ? ["extra"] : [])] };
    }
    const isRecent = this.answers - past.answers <= 1024;
    return { fates: isDue && isRecent ? ["extra"] : ["extra", "unmatched"] };
  }

  late(key: string, now: number): void {
    this.answered.add(key);
    this.past.set(key, { fate: "answered", at: now, answers: this.answers++ });
  }

  expire(limit: number, now: number): number | undefined {
    const [first] = this.sent;
    if (!first || first.written >= limit) return undefined;
    this.#settle(first, "expired", now);
    return first.name;
  }

  #settle(sent: Sent, fate: Past["fate"], now: number): void {
    const { key } = sent;
    const [, next, ...others] = this.waiting.get(key)!;
    if (next) {
      next.isDoubtful = fate === "expired" || sent.isDoubtful;
      this.waiting.set(key, [next, ...others]);
    } else this.waiting.delete(key);
    if (fate === "answered") this.late(key, now);
    else this.past.set(key, { fate, at: now, answers: this.answers });
    // Mostly the first one, or near it.
    this.sent.splice(this.sent.indexOf(sent), 1);
  }
}

const keyKinds = [
  "sequence",
  "gaps",
  "texts",
  "few",
  "mixed",
  "becomes a text",
  "objects",
] as const;

interface Course {
  readonly seed: number;
  readonly keys: (typeof keyKinds)[number];
  readonly timeout: number;
  /** How many are sent, of which so many are in flight before the first answer. */
  readonly sends: number;
  readonly stall: number;
  /** How far apart sweeps are, at most. */
  readonly sweep: number;
  /** How many in a hundred replies are strange, or come twice. */
  readonly noise: number;
}

/** Plays one course; throws where register and model differ. Says which replies it has seen. */
function play({ seed, keys, timeout, sends, stall, sweep, noise }: Course): Map<string, number> {
  let state = seed | 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  const pool = new RequestPool();
  let heard: JsonValue = 0;
  const correlator = new ById({ pool, timeout, idOf: () => heard });
  const message = new Incoming();
  const model = new Model(timeout);
  const seen = new Map<string, number>();
  const sentKeys: JsonValue[] = [];
  const queued: (readonly [Request, Sent])[] = [];
  let [now, swept, last] = [0, 0, below(5)];

  const nextKey = (i: number): JsonValue => {
    last += keys === "gaps" && below(20) === 0 ? 1 + below(64) : 1;
    if (keys === "texts") return `k${last}`;
    if (keys === "few") return below(40);
    if (keys === "mixed") return [last, String(below(50)), -below(50), below(9) / 2][below(4)]!;
    if (keys === "becomes a text") return i === sends >> 1 ? "text" : last;
    if (keys === "objects") return below(2) === 0 ? { a: last } : [String(last)];
    return last;
  };
  const textOf = (key: JsonValue): string => JSON.stringify(key);
  const send = (i: number): void => {
    const key = nextKey(i);
    sentKeys.push(key);
    const request = pool.take(now, key, i, undefined);
    correlator.add(request);
    // Some are in the queue still when the next reply comes.
    request.written = below(30) === 0 ? Infinity : now;
    const sent = model.add(textOf(key), i, request.written, now);
    if (request.written === Infinity) queued.push([request, sent]);
  };
  const write = (): void => {
    for (const each of queued.flat()) each.written = now;
    queued.length = 0;
  };
  const hear = (key: JsonValue): void => {
    heard = key;
    const reply = correlator.receive(message, now);
    const { fates, name } = model.receive(textOf(key), now);
    if (!fates.includes(reply)) {
      throw new Error(`${textOf(key)} at ${now} is ${reply}, and should be ${fates.join(" or ")}`);
    }
    // Of every message, so that `expect` would take most of the time.
    if (name !== correlator.matched?.visit) throw new Error(`${name} was not found`);
    if (reply === "late") model.late(textOf(key), now);
    seen.set(reply, (seen.get(reply) ?? 0) + 1);
  };
  const giveUp = (): void => {
    swept = now;
    for (;;) {
      const request = correlator.expire(now - timeout, now);
      const name = model.expire(now - timeout, now);
      if (name !== request?.visit) throw new Error(`${name} was not given up`);
      if (!request) return;
    }
  };

  let [done, answered] = [0, 0];
  for (; answered < sends && now < 100_000; now += 1 + below(3)) {
    for (let n = below(12); n > 0 && done < sends; n--) send(done++);
    if (now - swept >= below(sweep)) giveUp();
    for (let n = done < Math.min(stall, sends) ? 0 : below(14); n > 0 && answered < done; n--) {
      const [isNear, dice] = [below(4) > 0, below(100)];
      if (dice < noise) hear(sentKeys[below(sentKeys.length)]!);
      else if (dice < 2 * noise) hear(["strange", last + 7, -1, null, 0.5][below(5)]!);
      else if (queued.length > 0 && below(2) === 0) write();
      else hear(sentKeys[isNear ? answered++ : Math.min(done - 1, answered + below(40))]!);
    }
    write();
  }
  expect(answered).toBe(sends);
  expect([correlator.waiting, correlator.pairingLost]).toEqual([
    model.sent.length,
    model.pairingLost,
  ]);
  const left: number[] = [];
  correlator.clear((request) => left.push(request.visit));
  expect(left).toEqual(model.sent.map(({ name }) => name));
  return seen;
}

describe("whatever the course, replies are what the model says", () => {
  test.each(keyKinds)("keys: %s", (keys) => {
    const course = fc.record({
      seed: fc.nat(),
      keys: fc.constant(keys),
      timeout: fc.constantFrom(20, 100, 500, 3000),
      sends: fc.constantFrom(50, 3000),
      stall: fc.constantFrom(0, 40, 2500),
      sweep: fc.constantFrom(1, 60, 700),
      noise: fc.constantFrom(0, 10, 40),
    });
    fc.assert(
      fc.property(course, (each) => {
        expect(play(each).size).toBeGreaterThan(0);
      }),
      { numRuns: 12 },
    );
  });

  test.each(["sequence", "gaps", "texts", "becomes a text"] as const)(
    "thousands given up and answered then (%s)",
    (keys) => {
      const course = { seed: 7, keys, sends: 6000, stall: 6000, sweep: 50, noise: 5 };
      const seen = play({ ...course, timeout: 2000 });
      // 6000 take some 2200 ms to be sent, and some 2000 to be answered from then on.
      expect(seen.get("late")).toBeGreaterThan(1024);
    },
  );
});

describe("what is remembered", () => {
  /** Sends and answers one after the other. */
  function setUp(timeout: number, key: (n: number) => JsonValue) {
    const pool = new RequestPool();
    let heard: JsonValue = 0;
    const correlator = new ById({ pool, timeout, idOf: () => heard });
    const hear = (n: number, now: number) => {
      heard = key(n);
      return correlator.receive(new Incoming(), now);
    };
    const ask = (n: number, now: number) => {
      const request = pool.take(now, key(n), n, undefined);
      request.written = now;
      correlator.add(request);
    };
    return { correlator, hear, ask };
  }

  test.each([
    ["numbers", (n: number) => n],
    ["texts", (n: number) => `k${n}`],
  ])("the last 1024 answered, and not many more (%s)", (_what, key) => {
    const { hear, ask } = setUp(1000, key);
    for (let n = 0; n < 10_000; n++) {
      ask(n, 0);
      expect(hear(n, 0)).toBe("answer");
      if (n >= 1023) expect(hear(n - 1023, 0)).toBe("extra");
    }
    expect(hear(10_000 - 2049, 0)).toBe("unmatched");
  });

  test.each([
    ["numbers", (n: number) => n],
    ["texts", (n: number) => `k${n}`],
  ])("for the timeout, however late the sweeps; then nothing (%s)", (_what, key) => {
    const { correlator, hear, ask } = setUp(100, key);
    ask(1, 0);
    hear(1, 0);
    // Nobody looks for a long time; what is answered then is as good as new.
    ask(2, 10_000);
    hear(2, 10_000);
    for (let now = 10_050; now < 10_100; now += 10) {
      expect(correlator.expire(0, now)).toBeUndefined();
      expect(hear(2, now)).toBe("extra");
    }
    ask(3, 10_100);
    expect(correlator.expire(20_000, 20_000)?.visit).toBe(3);
    expect(hear(4, 20_099)).toBe("unmatched");
    correlator.expire(0, 20_099);
    expect(hear(3, 20_099)).toBe("late");
    for (const now of [20_200, 20_300]) correlator.expire(0, now);
    expect([1, 2, 3].map((n) => hear(n, 20_300))).toEqual(Array(3).fill("unmatched"));
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Backoff, parseBackoff } from "../../src/base/backoff.js";
import { WsctlError } from "../../src/base/errors.js";

const delays = (backoff: Backoff, random: number) =>
  [1, 2, 3, 4, 5, 6].map((attempt) => backoff.delay(attempt, random));

describe("delays", () => {
  test("double up to the longest", () => {
    const backoff = new Backoff({ base: 100, max: 1000, jitter: "none", attempts: 5 });
    expect(delays(backoff, 0.5)).toEqual([100, 200, 400, 800, 1000, undefined]);
  });

  test("of a fixed policy are all the same", () => {
    expect(delays(new Backoff({ kind: "fixed", base: 60_000 }), 0.9)).toEqual(
      Array(6).fill(60_000),
    );
  });

  test("are spread by the jitter", () => {
    const policy = { base: 100, max: 400 };
    expect(delays(new Backoff({ ...policy, jitter: "full" }), 0)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(delays(new Backoff({ ...policy, jitter: "full" }), 0.5)).toEqual([
      50, 100, 200, 200, 200, 200,
    ]);
    expect(delays(new Backoff({ ...policy, jitter: "equal" }), 0)).toEqual([
      50, 100, 200, 200, 200, 200,
    ]);
  });

  test("stay between 0 and the longest, however many attempts", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom("none" as const, "full" as const, "equal" as const),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (base, jitter, attempt, random) => {
          const backoff = new Backoff({ base, jitter });
          const delay = backoff.delay(attempt, random)!;
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(backoff.max);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("start anew only after a connection that held", () => {
    const backoff = new Backoff({ resetAfter: 1000 });
    expect([0, 999, 1000].map((open) => backoff.resets(open))).toEqual([false, false, true]);
  });

  test.each([
    { base: 0 },
    { base: -1 },
    { base: Number.NaN },
    { base: 100, max: 50 },
    { max: 2 ** 31 },
    { kind: "fixed" as const, base: Infinity },
    { attempts: 0 },
    { resetAfter: -1 },
  ])("of %j make no sense", (policy) => {
    expect(() => new Backoff(policy)).toThrow(WsctlError);
  });
});

describe("as people write it", () => {
  test("everything told", () => {
    const text = "exponential, base=250ms, max=1m, jitter=equal, attempts=10, reset-after=5s";
    expect(parseBackoff(text)).toMatchObject({
      kind: "exponential",
      base: 250,
      max: 60_000,
      jitter: "equal",
      attempts: 10,
      resetAfter: 5000,
    });
  });

  test.each([
    ["", { kind: "exponential", base: 500, max: 30_000, jitter: "full", attempts: Infinity }],
    ["exponential", { kind: "exponential", base: 500, resetAfter: 10_000 }],
    ["base=1m", { kind: "exponential", base: 60_000, max: 60_000 }],
    ["fixed,base=2s", { kind: "fixed", base: 2000, jitter: "none" }],
    ["fixed,base=2s,jitter=full,attempts=3", { kind: "fixed", jitter: "full", attempts: 3 }],
  ])("%j", (text, expected) => {
    expect(parseBackoff(text)).toMatchObject(expected);
  });

  test.each([
    ["exponentail", /did you mean exponential/],
    ["linear", /there are fixed, exponential/],
    ["fixed,bsae=1s", /did you mean base=…/],
    ["fixed,base", /write it like/],
    ["base=1s,fixed", /write it like/],
    ["base=1s,", /write it like/],
    ["base=1", /1s for seconds/],
    ["base=1s,base=2s", undefined],
    ["fixed,max=1s", /drop max/],
    ["jitter=gaussian", /there are none, full, equal/],
    ["attempts=0", /attempts=10/],
    ["attempts=many", undefined],
    ["constructor=1", /write it like/],
  ])("%j is refused", (text, hint) => {
    let error: unknown;
    try {
      parseBackoff(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
    if (hint) expect((error as WsctlError).hint).toMatch(hint);
  });
});

describe("a wait that the other side asked for", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const jitter = fc.constantFrom("none", "full", "equal");
  const least = fc.integer({ min: 0, max: 60_000 });

  test("is never shorter than asked, nor than without, and spread over the policy's own", () => {
    fc.assert(
      fc.property(jitter, fc.integer({ min: 1, max: 12 }), random, least, (kind, n, r, asked) => {
        const backoff = new Backoff({ base: 500, max: 8000, jitter: kind });
        const own = backoff.delay(n, r)!;
        const longest = new Backoff({ base: 500, max: 8000, jitter: "none" }).delay(n, 0)!;
        const wait = backoff.delayAsked(n, r, asked)!;
        expect(wait).toBeGreaterThanOrEqual(asked);
        expect(wait).toBeGreaterThanOrEqual(own);
        expect(wait).toBeLessThanOrEqual(Math.max(asked, longest) + longest);
      }),
      { numRuns: 200 },
    );
  });

  test("is not the same for all, though the policy has no jitter", () => {
    const backoff = new Backoff({ base: 500, jitter: "none" });
    expect([0, 0.5].map((r) => backoff.delayAsked(1, r, 0))).toEqual([500, 750]);
    expect([0, 0.5].map((r) => backoff.delayAsked(1, r, 5000))).toEqual([5000, 5250]);
  });

  test("is none when there are to be no more attempts", () => {
    expect(new Backoff({ attempts: 2 }).delayAsked(3, 0.5, 1000)).toBeUndefined();
  });
});

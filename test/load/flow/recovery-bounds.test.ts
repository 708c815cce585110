/** Shows that what is kept of lost connections while a run lasts is bounded, however often they are lost. */
import { describe, expect, test } from "vitest";
import type { LeanSocket } from "../../../src/load/lean-socket.js";
import { RecoveryCourse } from "../../../src/load/flow/recovery-course.js";
import { RecoveryLog } from "../../../src/load/flow/recovery-log.js";
import { Silenced, silencedShare } from "../../../src/load/flow/silenced.js";
import type { User } from "../../../src/load/flow/user.js";
import { Scope } from "../../../src/load/scope.js";
import { decodeLosses } from "../../../src/metrics/recovery-part.js";

describe("gaps", () => {
  /** What is missed in each of twenty gaps in a row, told when all are over. */
  const missedAfter = (hasLedger: boolean): number[] => {
    const recovery = new RecoveryLog({ startedAt: 0 });
    const user = { world: { recovery, hasLedger, flow: {} }, scope: new Scope() };
    const course = new RecoveryCourse(user as unknown as User);
    const lean = { endTags: undefined, end: "1006" } as unknown as LeanSocket;
    course.opened(0);
    for (let round = 1; round <= 20; round++) {
      course.lost(lean, round * 100);
      course.opened(round * 100 + 10);
    }
    for (let round = 1; round <= 20; round++) course.missed(1, round * 100 + 50);
    const { losses } = recovery.part(hasLedger)!;
    return decodeLosses(losses).map(({ missed }) => missed);
  };

  test("of a user are kept as far as something may yet be missed in them", () => {
    const missed = missedAfter(true);
    expect(missed.slice(0, 12)).toEqual(Array(12).fill(0));
    expect(missed.slice(12)).toEqual(Array(8).fill(1));
  });

  test("are not kept where no ledger tells of any", () => {
    expect(missedAfter(false)).toEqual(Array(20).fill(0));
  });
});

describe("silenced connections", () => {
  test("are kept so many; beyond that the oldest is reset", () => {
    const silenced = new Silenced(3);
    const reset: number[] = [];
    const socket = (n: number) => ({ destroy: () => reset.push(n) }) as unknown as LeanSocket;
    const sockets = Array.from({ length: 5 }, (_, n) => socket(n));
    for (const one of sockets) silenced.add(one);
    expect(reset).toEqual([0, 1]);
    expect(silenced.all).toEqual(sockets.slice(2));
  });

  test.each([
    [0, []],
    [0, [{ at: 1, drop: 1, how: "reset" }]],
    [0.3, [{ at: 1, drop: 0.3, how: "silent" }]],
    [0.6, [{ at: 1, every: 9, times: 2, drop: 0.3, how: "silent" }]],
    [1, [{ at: 1, every: 9, drop: 0.01, how: "silent" }]],
    [0, [{ at: 1, every: 9, drop: 0, how: "silent" }]],
  ] as const)("are for a share of %d of the users at most", (share, events) => {
    expect(silencedShare({ events })).toBe(share);
  });
});

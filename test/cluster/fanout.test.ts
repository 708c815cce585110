/** Shows fan-out as a run reports it: who got what, who was to, and over how many workers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Hall, type Said, settle, stampOf } from "./fanout-hall.js";

const all = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, n) => from + n);

function openAll(hall: Hall, users: number, at = 0): void {
  for (const index of all(0, users)) hall.open(index, at);
}

describe("one broadcast", () => {
  test("that reached everyone over two workers has a first, a median, a last and a spread", () => {
    const hall = new Hall({ users: 10, audiences: ["all"] });
    openAll(hall, 10);
    const said = hall.say(3, 100);
    for (const index of all(0, 10)) hall.hear(index, said, 100 + 10 * (index + 1));
    const result = hall.result();
    expect(result).toMatchObject({ broadcasts: 1, complete: 1, expected: 10, reached: 10 });
    expect(result.slowest).toMatchObject([
      { sender: 3, sequence: 1, first: 10, last: 100, missed: [], reached: 10 },
    ]);
    const { median } = result.slowest[0]!;
    expect(median).toBeGreaterThan(50 * (1 - 1 / 16));
    expect(median).toBeLessThan(50 * (1 + 1 / 16));
    const { trends, totals } = { trends: hall.merged.trends(), totals: hall.merged.totals() };
    expect(trends["ws_fanout_first"]!.max).toBeCloseTo(10, 0);
    expect(trends["ws_fanout_last"]!.max).toBeCloseTo(100, 0);
    expect(trends["ws_fanout_spread"]!.max).toBeCloseTo(90, 0);
    expect(totals).toEqual({ "ws_fanout_coverage{result:pass}": 10 });
    expect(hall.ledger.counts()).toEqual(totals);
    expect(hall.merged.scenarios(["s0"], 1)[0]!.trends["ws_fanout_last"]!.count).toBe(1);
  });

  test("names those who missed it, and where they were connected", () => {
    const hall = new Hall({ users: 10, audiences: ["all"], targets: 2 });
    openAll(hall, 10);
    const said = hall.say(0, 100);
    for (const index of all(0, 10)) if (index % 2 === 0) hall.hear(index, said, 110);
    const { worst, ...sum } = hall.result();
    expect(sum).toMatchObject({ broadcasts: 1, complete: 0, expected: 10, reached: 5 });
    expect(worst).toMatchObject([{ missed: [1, 3, 5, 7, 9], missedAt: [0, 5] }]);
    expect(hall.merged.totals()).toEqual({
      "ws_fanout_coverage{result:pass}": 5,
      "ws_fanout_coverage{result:fail}": 5,
    });
  });

  test("that reached nobody counts as one that did not", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    hall.say(0, 100);
    expect(hall.result()).toMatchObject({ broadcasts: 1, unheard: 1, expected: 4, reached: 0 });
    expect(hall.merged.trends()).toEqual({});
  });

  test("that came twice to somebody reached one", () => {
    const hall = new Hall({ users: 2, audiences: ["all"] });
    openAll(hall, 2);
    const said = hall.say(0, 100);
    for (const at of [101, 102, 103]) hall.hear(1, said, at);
    expect(hall.result()).toMatchObject({ expected: 2, reached: 1 });
  });

  test("of a sender that is not to hear itself is for the others, and its own copy is none", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    const said = hall.say(0, 100, false);
    for (const index of all(0, 4)) hall.hear(index, said, 101);
    expect(hall.result()).toMatchObject({ complete: 1, expected: 3, reached: 3 });
  });

  test("sent while nobody was there to hear it counts apart", () => {
    const hall = new Hall({ users: 2, audiences: ["all"], byStamp: false });
    hall.open(0, 0);
    hall.say(0, 100);
    expect(hall.result()).toMatchObject({ broadcasts: 0, withoutAudience: 1, expected: 0 });
  });

  test("is settled once it is old enough, and what comes then is late", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    const said = hall.say(0, 100);
    for (const index of [0, 1, 2]) hall.hear(index, said, 101);
    hall.beat(100 + settle - 1);
    expect(hall.ledger.result().broadcasts).toBe(0);
    hall.beat(100 + 2 * settle + 1000);
    expect(hall.ledger.result()).toMatchObject({ broadcasts: 1, expected: 4, reached: 3 });
    expect(hall.merged.totals()["ws_fanout_coverage{result:fail}"]).toBe(1);
    hall.hear(3, said, 100 + 2 * settle + 1001);
    expect(hall.result()).toMatchObject({ broadcasts: 1, reached: 3, late: 1 });
  });
});

describe("an audience", () => {
  test("is whoever was connected when it was sent: not who came later, nor who had gone", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    for (const index of [0, 1, 2]) hall.open(index, 0);
    hall.end(2, 50);
    const said = hall.say(0, 100);
    hall.open(3, 150);
    for (const index of [0, 1]) hall.hear(index, said, 160);
    // A server that tells what was said before makes nobody a recipient.
    hall.hear(3, said, 170);
    expect(hall.result()).toMatchObject({ complete: 1, expected: 2, reached: 2 });
  });

  test("holds to who was cut off before it came; who leaves by itself may not have got the last", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    const early = hall.say(0, 1000);
    for (const index of [0, 1, 2]) hall.hear(index, early, 1010);
    const late = hall.say(0, 3000);
    hall.hear(0, late, 3001);
    hall.end(1, 3002);
    hall.close(2, 3002);
    hall.end(2, 3010);
    hall.close(3, 3002);
    hall.end(3, 3010);
    const { worst, ...sum } = hall.result();
    // Of the first, 3 got nothing in two seconds; of the second, 1 was cut off.
    expect(sum).toMatchObject({ broadcasts: 2, complete: 0, expected: 4 + 2, reached: 3 + 1 });
    expect(worst.map(({ sequence, missed }) => [sequence, missed])).toEqual([
      [2, [1]],
      [1, [3]],
    ]);
  });

  test("of a scenario is its users, whether or not others hear it too", () => {
    const hall = new Hall({ users: 8, audiences: ["scenario:s1", undefined] });
    openAll(hall, 8);
    const sender = all(0, 8).find((index) => hall.scenario(index) === 0)!;
    const said = hall.say(sender, 100);
    for (const index of all(0, 8)) hall.hear(index, said, 101);
    const stray = all(0, 8).find((index) => hall.scenario(index) === 1)!;
    const other = hall.say(stray, 200);
    hall.hear(0, other, 201);
    const result = hall.result();
    expect(result).toMatchObject({ broadcasts: 1, complete: 1, expected: 4, reached: 4 });
    expect(result.audiences).toMatchObject([{ scenario: "s0", audience: "scenario:s1" }]);
  });

  test("by presence is who has heard anything on this connection", () => {
    const hall = new Hall({ users: 6, audiences: ["presence"], byStamp: false });
    openAll(hall, 6);
    const first = hall.say(0, 100);
    for (const index of [1, 2, 3]) hall.hear(index, first, 101);
    const second = hall.say(4, 200);
    for (const index of [1, 2]) hall.hear(index, second, 201);
    hall.end(3, 250);
    hall.open(3, 260);
    const third = hall.say(0, 300);
    for (const index of [1, 2]) hall.hear(index, third, 301);
    expect(hall.result()).toMatchObject({
      broadcasts: 3,
      complete: 2,
      expected: 3 + 3 + 2,
      reached: 3 + 2 + 2,
    });
  });

  test("as observed is who has heard that very sender: rooms are told apart", () => {
    const hall = new Hall({ users: 8, audiences: ["observed"] });
    openAll(hall, 8);
    const rooms = [all(0, 4), all(4, 8)];
    for (const at of [100, 200]) {
      for (const room of rooms) {
        const said = hall.say(room[0]!, at);
        for (const index of room) hall.hear(index, said, at + 1);
      }
    }
    const last = hall.say(4, 300);
    hall.hear(4, last, 301);
    const result = hall.result();
    expect(result).toMatchObject({ broadcasts: 5, complete: 4, expected: 20, reached: 17 });
    expect(result.worst).toMatchObject([{ sender: 4, missed: [5, 6, 7], expected: 4 }]);
  });
});

describe("what is foreign or forged", () => {
  test.each<[string, (said: Said) => Buffer]>([
    ["a stamp of another run", (said) => stampOf(said, 78)],
    ["a sender beyond the run", ({ at }) => stampOf({ sender: 4, sequence: 1, at })],
    [
      "a sequence of an automatic answer",
      ({ at }) => stampOf({ sender: 0, sequence: 0x8000_0001, at }),
    ],
    ["a broadcast of tomorrow", () => stampOf({ sender: 0, sequence: 1, at: 86_400_000 })],
    ["a broadcast nobody sent", ({ at }) => stampOf({ sender: 0, sequence: 9, at })],
    ["a damaged stamp", (said) => Buffer.from(stampOf(said).fill(0x30, 20, 22))],
    ["no stamp", () => Buffer.from("hello")],
  ])("%s is no part of any", (_what, bytes) => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    const said = hall.say(0, 100);
    for (const index of all(0, 4)) {
      hall.hear(index, said, 101);
      hall.hearBytes(index, bytes(said), 102);
    }
    expect(hall.result()).toMatchObject({ broadcasts: 1, complete: 1, expected: 4, reached: 4 });
  });

  test("more broadcasts at once than are followed are counted, and spoil none of the rest", () => {
    const users = 4;
    const hall = new Hall({ users, audiences: ["all"] });
    openAll(hall, users);
    const most = 20_000;
    for (let n = 0; n < most + 500; n++) hall.say(0, 100);
    const after = hall.say(3, 101);
    for (const index of all(0, users)) hall.hear(index, after, 102);
    const result = hall.result();
    expect(result.broadcasts + result.unfollowed).toBe(most + 501);
    expect(result.unfollowed).toBeGreaterThanOrEqual(500);
    expect(hall.batches.some(({ unfollowed }) => unfollowed === 500)).toBe(true);
  });
});

test("a run of any length has a bounded course, whose sums are the run's", () => {
  const hall = new Hall({ users: 2, audiences: ["all"], workers: 1 });
  hall.ledger.begin(0);
  openAll(hall, 2);
  for (let at = 500; at < 1_000_000; at += 1000) {
    const said = hall.say(0, at);
    hall.hear(0, said, at + 1);
    if (at % 7000 !== 500) hall.hear(1, said, at + 2);
    hall.beat(at + 10);
  }
  const { course, stretch, broadcasts, expected, reached } = hall.result();
  expect(course.length).toBeLessThanOrEqual(240);
  expect(stretch).toBe(8000);
  expect(broadcasts).toBe(1000);
  const sum = (key: "broadcasts" | "expected" | "reached"): number =>
    course.reduce((total, one) => total + one[key], 0);
  expect([sum("broadcasts"), sum("expected"), sum("reached")]).toEqual([1000, expected, reached]);
  expect(reached).toBeLessThan(expected);
  expect(course.map(({ at }) => at)).toEqual(course.map((_, n) => n * stretch));
});

describe("whatever happens", () => {
  const users = 12;
  const event = fc.record({
    what: fc.constantFrom("say", "say", "say", "say", "open", "lose", "leave"),
    user: fc.nat(users - 1),
    wait: fc.nat(300),
    delays: fc.array(fc.nat(400), { minLength: users, maxLength: users }),
    lost: fc.array(fc.nat(9), { minLength: users, maxLength: users }),
  });

  test("any number of workers says what is true", () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom("all", "scenario:s1"),
        (events, workers, audience) => {
          const hall = new Hall({ users, workers, audiences: [audience, "all"] });
          const truth = play(hall, events, audience);
          const result = hall.result();
          expect(result).toMatchObject(truth.sum);
          for (const { sender, sequence, missed } of result.worst) {
            const gone = truth.missed.get(`${sender}/${sequence}`)!;
            // A worker that heard nothing of it has nobody to name.
            expect(gone).toEqual(expect.arrayContaining([...missed]));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  interface Event {
    readonly what: string;
    readonly user: number;
    readonly wait: number;
    readonly delays: readonly number[];
    readonly lost: readonly number[];
  }

  /** A stay of one user: until when it counts is known when it is over. */
  interface Stay {
    readonly user: number;
    readonly from: number;
    to: number;
    newest: number;
  }

  /** Lets it happen, and reckons by brute force what is to come out. */
  function play(hall: Hall, events: readonly Event[], audience: string) {
    const stays: Stay[] = [];
    const now: (Stay | undefined)[] = Array.from({ length: users });
    const broadcasts: { said: Said; heard: Set<number> }[] = [];
    // Delivered in the order of time, over whatever happens meanwhile.
    let under: { at: number; user: number; stay: Stay; of: (typeof broadcasts)[number] }[] = [];
    const deliver = (until: number): void => {
      const due = under.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      under = under.filter(({ at }) => at > until);
      for (const { at, user, stay, of } of due) {
        if (now[user] !== stay) continue;
        hall.hear(user, of.said, at);
        of.heard.add(user);
        if (admits(of.said, user)) stay.newest = Math.max(stay.newest, of.said.at);
      }
    };
    const admits = ({ sender }: Said, user: number): boolean =>
      hall.scenario(sender) === 1 || audience === "all" || hall.scenario(user) === 1;
    const open = (user: number, when: number): void => {
      hall.open(user, when);
      stays.push((now[user] = { user, from: when, to: Infinity, newest: -1 }));
    };
    for (let user = 0; user < users; user += 2) open(user, 0);
    let at = 0;
    let beatAt = 0;
    for (const { what, user, wait, delays, lost } of events) {
      at += wait + 1;
      for (; beatAt < at; beatAt += 100) {
        deliver(beatAt);
        hall.beat(beatAt);
      }
      deliver(at);
      const stay = now[user];
      if (what === "open" && !stay) {
        open(user, at);
      } else if (what === "say" && stay) {
        const one = { said: hall.say(user, at), heard: new Set<number>() };
        broadcasts.push(one);
        for (const [index, here] of now.entries()) {
          if (!here || lost[index] === 0) continue;
          under.push({ at: at + delays[index]! + 0.25, user: index, stay: here, of: one });
        }
      } else if ((what === "lose" || what === "leave") && stay) {
        if (what === "leave") hall.close(user, at);
        hall.end(user, at);
        stay.to = what === "lose" ? at : Math.max(stay.newest, at - 1000);
        now[user] = undefined;
      }
    }
    deliver(Infinity);
    const sum = { broadcasts: 0, complete: 0, expected: 0, reached: 0 };
    const missed = new Map<string, number[]>();
    for (const { said, heard } of broadcasts) {
      const audienceOf = new Set(
        stays
          .filter(({ user, from, to }) => admits(said, user) && from <= said.at && said.at <= to)
          .map(({ user }) => user),
      );
      const reached = [...heard].filter((user) => audienceOf.has(user)).length;
      const expected = audienceOf.size;
      if (expected === 0) continue;
      sum.broadcasts++;
      sum.expected += expected;
      sum.reached += reached;
      if (reached === expected) sum.complete++;
      const gone = [...audienceOf].filter((user) => !heard.has(user)).toSorted((a, b) => a - b);
      missed.set(`${said.sender}/${said.sequence}`, gone);
    }
    return { sum, missed };
  }
});

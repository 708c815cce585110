/** Shows fan-out as a run reports it: who got what, who was to, and over how many workers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Unfollowed } from "../../src/load/flow/fanout-unfollowed.js";
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

  test("that is told to somebody who came later, as history, is not late", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    for (const index of [0, 1, 2]) hall.open(index, 0);
    const said = hall.say(0, 100);
    for (const index of [0, 1, 2]) hall.hear(index, said, 101);
    hall.open(3, 3 * settle);
    hall.hear(3, said, 3 * settle + 1);
    expect(hall.result()).toMatchObject({ broadcasts: 1, complete: 1, late: 0 });
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

  test("does not hold who leaves by itself while the other side takes its time to close", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    hall.close(3, 3000);
    for (let at = 4000; at < 6000; at += 200) {
      const said = hall.say(0, at);
      for (const index of all(0, 3)) hall.hear(index, said, at + 1);
      hall.beat(at + 50);
    }
    for (let at = 6100; at < 12_000; at += 100) hall.beat(at);
    expect(hall.ledger.result()).toMatchObject({ broadcasts: 10, expected: 30 });
    hall.end(3, 12_000);
    expect(hall.result()).toMatchObject({ broadcasts: 10, complete: 10, expected: 30 });
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

  test("by presence may turn out to hold the sender, or not to, after it has sent", () => {
    const hall = new Hall({ users: 4, audiences: ["presence"] });
    openAll(hall, 4);
    const early = hall.say(1, 99, false);
    const first = hall.say(0, 100, false);
    for (const index of [1, 2, 3]) hall.hear(index, first, 105);
    for (const index of [0, 2, 3]) hall.hear(index, early, 106);
    expect(hall.result()).toMatchObject({ broadcasts: 2, complete: 2, expected: 6, reached: 6 });
  });

  test("does not hold a sender that is not to hear itself, as often as it comes and goes", () => {
    const hall = new Hall({ users: 4, audiences: ["all"] });
    openAll(hall, 4);
    const said = [100, 200, 300, 400].map((at) => {
      const one = hall.say(0, at, false);
      for (const index of [1, 2, 3]) hall.hear(index, one, at + 1);
      hall.end(0, at + 10);
      hall.open(0, at + 20);
      return one;
    });
    // It leaves by itself, shortly after: it is not looked for, whether it hears itself or not.
    hall.say(0, 500, false);
    hall.close(0, 510);
    hall.end(0, 511);
    const { expected, reached, complete } = hall.result();
    expect([expected, reached, complete]).toEqual([5 * 3, 4 * 3, said.length]);
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
    // One worker has a place for it, and the other has none.
    const after = hall.say(3, 101);
    for (const index of all(0, users)) hall.hear(index, after, 102);
    expect(hall.result()).toMatchObject({ broadcasts: most, unfollowed: 501, withoutCircle: 0 });
    expect(hall.merged.totals()["ws_fanout_unfollowed"]).toBe(501);
    expect(hall.ledger.counts()).toEqual(hall.merged.totals());
  });

  test("where even those that were not followed are too many to be named, those of their time are doubted", () => {
    const hall = new Hall({ users: 4, audiences: ["all"], workers: 1 });
    openAll(hall, 4);
    for (const at of [100, 200, 300, 400]) {
      const said = hall.say(0, at);
      for (const index of all(0, 4)) hall.hear(index, said, at + 1);
    }
    const unfollowed = new Unfollowed(1);
    for (const [key, at] of [
      [17, 150],
      [18, 300],
      [17, 150],
      [19, 250],
    ] as const) {
      unfollowed.skip(key, at * 1000);
    }
    const none = { through: 0, digests: [], circles: [], late: 0 };
    hall.ledger.hear(0, { ...none, unfollowed: unfollowed.take(0) });
    expect(unfollowed.take(Infinity)).toMatchObject({ skipped: [17, 150_000], gap: undefined });
    expect(hall.result()).toMatchObject({ broadcasts: 3, complete: 3, unfollowed: 1 });
  });

  test("of senders whose hearers there is no room for nothing is told; of the others everything", () => {
    const users = 20_000;
    const hall = new Hall({ users, audiences: ["observed"], workers: 1 });
    openAll(hall, users);
    // A circle takes 24 bytes for each of a worker's users, all circles 64 MiB.
    const most = Math.floor((64 * 1024 ** 2) / (24 * users));
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      for (let sender = 0; sender < most + 5; sender++) {
        const said = hall.say(sender, 100 + round * 500 + sender);
        for (const index of [sender, users - 1]) hall.hear(index, said, said.at + 1);
      }
      hall.beat(100 + round * 500 + 400);
    }
    const unfollowed = 5 * rounds;
    const followed = most * rounds;
    expect(hall.result()).toMatchObject({
      broadcasts: followed,
      complete: followed,
      expected: 2 * followed,
      unfollowed,
      withoutCircle: unfollowed,
    });
    expect(hall.merged.totals()).toMatchObject({ ws_fanout_unfollowed: unfollowed });
    expect(hall.ledger.counts()).toEqual(hall.merged.totals());
  });

  test("a sender whose hearers one of two workers has no room for is not followed", () => {
    // The first worker has room for one circle less than the second, whose user speaks.
    const users = 40_000;
    const hall = new Hall({ users, audiences: ["observed"], workers: 2 });
    openAll(hall, users);
    const most = Math.floor((64 * 1024 ** 2) / (24 * (users / 2)));
    for (let sender = 0; sender < most; sender++) hall.hear(sender, hall.say(sender, 100), 101);
    const speaker = users - 1;
    const [first, second] = [hall.say(speaker, 200), hall.say(speaker, 201)];
    for (const index of [0, speaker]) hall.hear(index, first, 202);
    // The first worker's users do not get this one, and nobody there can know that they should.
    hall.hear(speaker, second, 202);
    expect(hall.result()).toMatchObject({
      broadcasts: most,
      complete: most,
      unfollowed: 2,
      withoutCircle: 2,
    });
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
    reply: fc.boolean(),
  });

  test("any number of workers says what is true", () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom("all", "scenario:s1", "presence", "observed"),
        fc.constantFrom("all", "presence", "observed"),
        (events, workers, audience, other) => {
          const audiences = [audience, other];
          const hall = new Hall({ users, workers, audiences });
          const truth = play(hall, events, audiences);
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
    readonly reply: boolean;
  }

  /** A stay of one user: until when it counts is known when it is over. */
  interface Stay {
    readonly user: number;
    readonly from: number;
    to: number;
    newest: number;
    readonly heard: Said[];
  }

  /** Lets it happen, and reckons by brute force what is to come out. */
  function play(hall: Hall, events: readonly Event[], audiences: readonly string[]) {
    const stays: Stay[] = [];
    const now: (Stay | undefined)[] = Array.from({ length: users });
    const broadcasts: { said: Said; reply: boolean; heard: Set<number> }[] = [];
    // Delivered in the order of time, over whatever happens meanwhile.
    let under: { at: number; user: number; stay: Stay; of: (typeof broadcasts)[number] }[] = [];
    const deliver = (until: number): void => {
      const due = under.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      under = under.filter(({ at }) => at > until);
      for (const { at, user, stay, of } of due) {
        if (now[user] !== stay) continue;
        hall.hear(user, of.said, at);
        if (user === of.said.sender && !of.reply) continue;
        of.heard.add(user);
        stay.heard.push(of.said);
        if (since(stay, of.said) <= of.said.at) stay.newest = Math.max(stay.newest, of.said.at);
      }
    };
    const audienceOf = ({ sender }: Said): string => audiences[hall.scenario(sender)]!;
    /** From when on a stay belongs to those who are to hear it. */
    const since = ({ user, from, heard }: Stay, said: Said): number => {
      const audience = audienceOf(said);
      if (audience === "all") return from;
      if (audience === "scenario:s1") return hall.scenario(user) === 1 ? from : Infinity;
      const counting = heard.filter((one) =>
        audience === "presence" ? audienceOf(one) === "presence" : one.sender === said.sender,
      );
      return Math.min(...counting.map(({ at }) => at));
    };
    const open = (user: number, when: number): void => {
      hall.open(user, when);
      stays.push((now[user] = { user, from: when, to: Infinity, newest: -1, heard: [] }));
    };
    for (let user = 0; user < users; user += 2) open(user, 0);
    let at = 0;
    let beatAt = 0;
    for (const { what, user, wait, delays, lost, reply } of events) {
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
        const one = { said: hall.say(user, at, reply), reply, heard: new Set<number>() };
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
    for (const { said, reply, heard } of broadcasts) {
      const due = new Set(
        stays
          .filter((stay) => since(stay, said) <= said.at && said.at <= stay.to)
          .map(({ user }) => user)
          .filter((user) => reply || user !== said.sender),
      );
      const reached = [...heard].filter((user) => due.has(user)).length;
      const expected = due.size;
      if (expected === 0) continue;
      sum.broadcasts++;
      sum.expected += expected;
      sum.reached += reached;
      if (reached === expected) sum.complete++;
      const gone = [...due].filter((user) => !heard.has(user)).toSorted((a, b) => a - b);
      missed.set(`${said.sender}/${said.sequence}`, gone);
    }
    return { sum, missed };
  }
});

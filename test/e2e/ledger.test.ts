/**
 * Shows that the delivery ledger says exactly what the server did to the messages; a million of each
 * kind in `test/long/delivery.long.ts`.
 */
import { describe, expect, test } from "vitest";
import { expectExact, measureNumbers, measureStamps, sumOf } from "../guarantees/delivery.js";

const size = { users: 10, rate: 1000, seconds: 2, workers: 2, patience: 3, seed: 7 };
const messages = size.rate * size.seconds;

describe.concurrent("the ledger equals what the server injected", { timeout: 30_000 }, () => {
  test("on stamps: whichever of their characters is damaged", async () => {
    const figures = await measureStamps(["corrupt,p=10%"], size);
    expectExact(figures, messages);
    expect(figures.stamped).toBe(messages);
    expect(figures.delivered + figures.corrupt).toBe(messages);
  });

  test("all of them, none on a message that another one hits; and by sender and receiver", async () => {
    // The duplicator counts what the dropper has let through: 99 of 100.
    const figures = await measureStamps(
      [
        "reorder,at=50,every=100",
        "corrupt,at=70,every=100",
        "drop,at=10,every=100",
        "dup,at=29,every=99",
      ],
      size,
    );
    const each = messages / 100;
    expect(figures.injected).toMatchObject({ reorder: each, corrupt: each, drop: each, dup: each });
    expectExact(figures, messages);
    const { delivered, lost, duplicate, reordered, corrupt, account } = figures;
    const whole = { delivered, lost, missed: 0, duplicate, reordered };
    const { senders, receivers, pairs } = account!;
    expect([senders.known, receivers.known, pairs.known]).toEqual([10, 10, 10]);
    expect(sumOf(receivers.worst)).toEqual({ ...whole, corrupt });
    // Nobody can tell who sent what is damaged.
    expect(sumOf(senders.worst)).toEqual({ ...whole, corrupt: 0 });
    expect(sumOf(pairs.worst)).toEqual({ ...whole, corrupt: 0 });
    expect(new Set(account!.examples.map(({ what }) => what))).toEqual(
      new Set(["lost", "duplicate", "reordered", "corrupt"]),
    );
  });

  test("many at once, several of them on one message", async () => {
    const mixed = ["drop,p=1%", "dup,p=5%", "corrupt,p=5%"];
    const figures = await measureStamps(mixed, { ...size, rate: 2000 });
    expectExact(figures, 2 * messages);
    expect(figures.stamped).toBe(2 * messages);
  });

  test("late ones among them", async () => {
    const mixed = ["drop,p=2%", "dup,p=5%", "corrupt,p=5%", "reorder,p=2%"];
    const figures = await measureStamps(mixed, { ...size, rate: 2000 });
    const { drop, dup, corrupt } = figures.injected;
    // Who changes places with its own copy, or with one that never comes, is not late.
    expect(figures.reordered).toBeGreaterThan(0);
    expect(figures).toMatchObject({ lost: drop, duplicate: dup, corrupt, unmatched: 0 });
  });

  test("on the numbers of a ticker", async () => {
    // By the count of messages, so that each connection has some before the window, and some after it.
    const window = { ...size, seconds: 4 };
    const figures = await measureNumbers(["drop,p=10%,at=10,for=60"], window);
    expectExact(figures, 600);
    expect(figures.account).toMatchObject({ by: "sequence", senders: { known: 1 } });
  });
});

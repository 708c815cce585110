/** Shows that the accounts of several workers come to what one would have told. */
import { describe, expect, test } from "vitest";
import {
  type DeliveryExample,
  type DeliveryPart,
  type DeliveryRow,
  mergeDeliveries,
} from "../../src/metrics/delivery.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { resultWith } from "../report/results.js";

const clean = { delivered: 10, lost: 0, missed: 0, duplicate: 0, reordered: 0, corrupt: 0 };

function row(who: string, changed: Partial<DeliveryRow> = {}): DeliveryRow {
  return { who, ...clean, ...changed };
}

function example(at: number, changed: Partial<DeliveryExample> = {}): DeliveryExample {
  return {
    what: "lost",
    where: "connected",
    from: "a",
    to: "b",
    first: 1,
    last: 1,
    count: 1,
    at,
    ...changed,
  };
}

function part(changed: Partial<DeliveryPart> = {}): DeliveryPart {
  const none = { known: 0, amiss: 0, worst: [] };
  const empty = { senders: [], receivers: none, pairs: none, examples: [], others: 0 };
  return { by: "stamp", ...empty, ...changed };
}

describe("several workers", () => {
  test("who keeps no ledger tells nothing", () => {
    expect(mergeDeliveries([])).toBeUndefined();
  });

  test("a sender's sums add up, whoever of them knows of what was amiss", () => {
    const merged = mergeDeliveries([
      part({ senders: [row("ada", { lost: 3, missed: 1 }), row("bob")] }),
      part({ senders: [row("ada", { duplicate: 2 }), row("eve")], others: 5 }),
    ]);
    expect(merged).toMatchObject({ senders: { known: 3, amiss: 1 }, others: 5 });
    expect(merged!.senders.worst).toEqual([
      row("ada", { delivered: 20, lost: 3, missed: 1, duplicate: 2 }),
    ]);
  });

  test("the worst come first, and there is an end to them", () => {
    const worst = (from: number): DeliveryRow[] =>
      Array.from({ length: 20 }, (_, n) => row(`user ${from + n}`, { lost: 100 - from - n }));
    const receivers = [0, 20].map((from) => ({ known: 50, amiss: 30, worst: worst(from) }));
    const merged = mergeDeliveries(receivers.map((one) => part({ receivers: one })));
    expect(merged!.receivers).toEqual({ known: 100, amiss: 60, worst: worst(0) });
  });

  test("examples are the first of each kind", () => {
    const all = Array.from({ length: 8 }, (_, n) => example(100 - n));
    const gap = example(500, { where: "reconnect" });
    const twice = example(1, { what: "duplicate" });
    const merged = mergeDeliveries([
      part({ examples: [...all, gap] }),
      part({ examples: [twice] }),
    ]);
    expect(merged!.examples.map(({ at }) => at)).toEqual([1, 93, 94, 95, 96, 97, 500]);
  });
});

test("a saved account is read back, and one with more than is ever kept is refused", () => {
  const merged = mergeDeliveries([
    part({
      senders: [row("ada", { lost: 3 })],
      examples: [example(5), example(6, { what: "corrupt", from: undefined, first: undefined })],
    }),
  ])!;
  const text = JSON.stringify(resultWith({ delivery: merged }));
  expect(parseRunResult(text, "run.json").delivery).toEqual(JSON.parse(text).delivery);
  const many = { ...merged.senders, worst: Array.from({ length: 21 }, () => row("a")) };
  const large = JSON.stringify(resultWith({ delivery: { ...merged, senders: many } }));
  expect(() => parseRunResult(large, "run.json")).toThrow(/delivery\.senders\.worst/);
});

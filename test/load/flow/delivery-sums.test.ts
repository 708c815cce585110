/** Shows that what became of messages is summed up by pairs, each of them counted once. */
import { expect, test } from "vitest";
import { DeliverySums } from "../../../src/load/flow/delivery-sums.js";

const fates = { delivered: 10, lost: 1, missed: 0, duplicate: 0, reordered: 0, corrupt: 0 };
const told = (sums: DeliverySums) => sums.told((sender) => `node ${sender}`);

test("a pair counts once, whatever the lives of its receiver and the number of bad pairs", () => {
  const sums = new DeliverySums();
  for (let life = 0; life < 10; life++) {
    for (let user = 0; user < 2000; user++) {
      sums.add(user % 3, user, () => `user ${user}`, fates, true);
    }
  }
  const { pairs, receivers } = told(sums);
  expect(pairs).toMatchObject({ known: 2000, amiss: 2000 });
  expect(receivers).toMatchObject({ known: 2000, amiss: 2000 });
});

test("streams that others follow on the next connection are of the same pair", () => {
  const sums = new DeliverySums();
  for (const [lost, isLast] of [
    [1, false],
    [0, false],
    [2, true],
  ] as const) {
    sums.add(0, 7, () => "user 7", { ...fates, lost }, isLast);
  }
  sums.add(0, 8, () => "user 8", { ...fates, lost: 0 }, true);
  expect(told(sums).pairs).toMatchObject({
    known: 2,
    amiss: 1,
    worst: [{ from: "node 0", to: "user 7", delivered: 30, lost: 3 }],
  });
});

test("of more pairs than can be told apart never more are amiss than there are", () => {
  const sums = new DeliverySums();
  const name = (): string => "user";
  for (let sender = 0; sender < 300; sender++) {
    for (let user = 0; user < 900; user++) {
      const isLate = sender === 299;
      sums.add(sender, user, name, isLate ? fates : { ...fates, lost: 0 }, true);
    }
  }
  expect(told(sums).pairs).toMatchObject({ known: 270_000, amiss: 900 });
  for (let again = 0; again < 3; again++) sums.add(299, 899, name, fates, false);
  const { known, amiss } = told(sums).pairs;
  expect(amiss).toBeLessThanOrEqual(known);
});

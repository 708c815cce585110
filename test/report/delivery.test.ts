/** Shows what a person reads of the delivery ledger: who was worst off, when, and nothing that obeys a sender. */
import { describe, expect, test } from "vitest";
import type {
  DeliveryAccount,
  DeliveryExample,
  DeliveryFates,
  DeliveryGroup,
} from "../../src/metrics/delivery.js";
import { deliveryMarkdown, deliverySection } from "../../src/report/delivery.js";
import { otherErrors } from "../../src/report/failed-steps.js";
import { plainInk, resultWith, summaryOf } from "./results.js";

const clean = { delivered: 100, lost: 0, missed: 0, duplicate: 0, reordered: 0, corrupt: 0 };

const of = (lost: number, changed: Partial<DeliveryFates> = {}): DeliveryFates => ({
  ...clean,
  lost,
  ...changed,
});

function group<Row>(known: number, worst: readonly Row[]): DeliveryGroup<Row> {
  return { known, amiss: worst.length, worst };
}

function example(changed: Partial<DeliveryExample>): DeliveryExample {
  const usual = { what: "lost", where: "connected", from: "node-1", to: "user 4 (chat)" } as const;
  return { ...usual, first: 17, last: 17, count: 1, at: 1500, ...changed };
}

const numbers: DeliveryAccount = {
  by: "sequence",
  senders: group(2, [{ who: "node-1", ...of(3, { missed: 2 }) }]),
  receivers: group(9, [
    { who: "user 4 (chat)", ...of(2, { missed: 2 }) },
    { who: "user 5 (chat)", ...of(1) },
  ]),
  pairs: group(18, [{ from: "node-1", to: "user 4 (chat)", ...of(2, { missed: 2 }) }]),
  examples: [
    example({ where: "reconnect", first: 17, last: 18, count: 2 }),
    example({ first: 30, last: 44, count: 2 }),
    example({ what: "duplicate" }),
    example({ what: "reordered" }),
    example({ what: "corrupt", from: undefined, first: undefined, last: undefined }),
  ],
  others: 0,
};

const totals = {
  ws_msg_delivered: 1797,
  ws_msg_lost: 3,
  "ws_msg_missing{where:connected}": 1,
  "ws_msg_missing{where:reconnect}": 2,
};

const section = (delivery: DeliveryAccount | undefined, counts = totals): string =>
  deliverySection(resultWith({ delivery, totals: counts }), plainInk).lines.join("\n");

describe("the ledger of a service's numbers", () => {
  test("tells the gap of a reconnect from losses while connected, and who was worst off", () => {
    const text = section(numbers);
    expect(text).toContain("✗ 1 797 numbered messages delivered: 3 lost, 0 duplicate, 0 reordered");
    expect(text).toContain("lost while connected 1, in the gap of a reconnect 2");
    expect(text).toContain(
      "something is amiss with 1 of 2 senders, 2 of 9 receivers, 1 of 18 pairs",
    );
    expect(text).toMatch(/sender +delivered +lost +in a gap\nnode-1 +100 +3 +2\n/);
    expect(text).toMatch(/receiver .*\nuser 4 \(chat\) +100 +2 +2\nuser 5 \(chat\) +100 +1 +0\n/);
    expect(text).toMatch(/node-1 → user 4 \(chat\) +100 +2 +2\n/);
    expect(text).not.toContain("corrupt  ");
  });

  test("names examples, each kind before any has a second", () => {
    const examples = [...Array.from({ length: 5 }, () => example({ at: 1 })), ...numbers.examples];
    const lines = section({ ...numbers, examples })
      .split("\n")
      .slice(-5);
    expect(lines).toEqual([
      "after 1.00 ms user 4 (chat) missed number 17 of node-1, while connected",
      "after 1.50 s user 4 (chat) missed numbers 17 to 18 of node-1, in the gap of a reconnect",
      "after 1.50 s user 4 (chat) got number 17 of node-1 twice",
      "after 1.50 s user 4 (chat) got number 17 of node-1 after a later one",
      "after 1.50 s user 4 (chat) got a damaged one",
    ]);
    expect(section(numbers)).toContain("missed 2 of 30 to 44 of node-1, while connected");
  });

  test("no line of a table is longer than there is room for, whatever they call themselves", () => {
    const from = "n".repeat(300);
    const pair = { from, to: "user 4 (chat)", ...of(2, { missed: 2, duplicate: 1 }) };
    const long = {
      ...numbers,
      senders: group(2, [{ who: from, ...of(3) }]),
      pairs: group(9, [pair]),
    };
    for (const width of [60, 83, 200]) {
      const { lines } = deliverySection(resultWith({ delivery: long, totals }), {
        ...plainInk,
        width,
      });
      const tables = lines.slice(
        0,
        lines.findIndex((line) => line.startsWith("after")),
      );
      expect(Math.max(...tables.slice(4).map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });

  test("that no message had a number is said, and is no praise", () => {
    const none = { known: 0, amiss: 0, worst: [] };
    const empty = { ...numbers, senders: none, receivers: none, pairs: none, examples: [] };
    const nothing = { ws_msgs_received: 10 } as unknown as typeof totals;
    expect(section(empty, nothing)).toMatch(/^no message had a number where config\.sequence/);
    expect(section(empty, { ws_msg_delivered: 10 } as unknown as typeof totals)).toBe(
      "✓ 10 numbered messages delivered: 0 lost, 0 duplicate, 0 reordered",
    );
  });
});

describe("the ledger of stamps", () => {
  const echo: DeliveryAccount = {
    by: "stamp",
    senders: group(3, [{ who: "user 1", ...of(2) }]),
    receivers: group(3, [{ who: "user 1 (main)", ...of(2, { corrupt: 1 }) }]),
    pairs: group(3, [{ from: "user 1", to: "user 1 (main)", ...of(2) }]),
    examples: [],
    others: 7,
  };

  test("of those who hear themselves is one table, not three", () => {
    const text = section(echo);
    expect(text).toContain("something is amiss with 1 of 3 users");
    expect(text).toContain("7 messages are of more senders or receivers than are told apart");
    expect(text).toMatch(/user +delivered +lost +corrupt\nuser 1 \(main\) +100 +2 +1$/);
  });

  test("of old results, which have no account, is still told", () => {
    expect(section(undefined, { ...totals, ws_msg_delivered: 5 })).toMatch(/^✗ 0 stamped, 5 del/);
  });
});

test("as Markdown, with nothing in it that a sender's name could do", () => {
  const who = "<img src=x>|`[a](http://b)\u001b[31m\n# h";
  const rows = group(2, [{ who, ...of(3) }]);
  const result = resultWith({
    delivery: { ...numbers, senders: rows, examples: [example({ from: who })] },
    totals,
  });
  const text = deliveryMarkdown(result).join("\n");
  expect(text).toContain("### Delivery");
  expect(text).toContain("- lost while connected 1, in the gap of a reconnect 2");
  expect(text).toContain("| receiver | delivered | lost | in a gap |");
  expect(text).not.toMatch(/<img|\n# h|(?<!\\)\[a\]/);
  expect(text).not.toContain("\u001b");
  const plain = deliverySection(result, plainInk).lines.join("\n");
  expect(plain).not.toContain("\u001b");
  expect(plain).not.toContain("\n# h");
  expect(deliveryMarkdown(resultWith({ delivery: numbers, totals: {} }))).toEqual([]);
});

test("errors that the examples tell of are not told twice", () => {
  const errors = ["numbered messages lost", "stamped message came twice", "stamp corrupt"].map(
    (what) => ({ what, count: 1, example: "" }),
  );
  const named = (delivery: DeliveryAccount | undefined): string[] =>
    otherErrors(resultWith({ errors, delivery })).map(({ what }) => what);
  expect(named(numbers)).toEqual(["stamp corrupt"]);
  expect(named(undefined)).toHaveLength(3);
});

describe("what was lost last", () => {
  const told = (expected: number, by: string) =>
    deliverySection(
      resultWith({
        plan: { correlate: { by } },
        totals: { ws_msg_stamped: 100, ws_msg_delivered: 300, ws_msg_expected: expected },
        trends: { ws_delivery: summaryOf(1, 2, 3) },
      }),
      plainInk,
    ).lines.join("\n");

  test("is said to be unseen where senders do not hear themselves", () => {
    expect(told(0, "stamp")).toContain("senders do not hear themselves");
    expect(told(100, "stamp")).not.toContain("hear themselves");
    expect(told(0, "none")).not.toContain("hear themselves");
  });
});

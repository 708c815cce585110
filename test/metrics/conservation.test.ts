/** Shows that every message that expects a reply has one fate, and that a difference is told. */
import { describe, expect, test } from "vitest";
import { conservationOf, unaccounted } from "../../src/metrics/conservation.js";

const balanced = {
  ws_msgs_sent: 12,
  ws_msg_expected: 10,
  ws_msg_answered: 4,
  ws_msg_disconnected: 3,
  ws_msg_timeout: 2,
  ws_msg_in_flight: 1,
  ws_msg_late: 1,
};

test("expected = answered + disconnected + timed out + in flight", () => {
  const sums = conservationOf(balanced, 0, undefined);
  expect(sums).toEqual({
    expected: 10,
    answered: 4,
    disconnected: 3,
    timedOut: 2,
    inFlight: 1,
    late: 1,
    difference: 0,
    connectionsOff: 0,
    server: undefined,
  });
  expect(unaccounted(sums)).toEqual([]);
});

test("an empty run adds up", () => {
  expect(unaccounted(conservationOf({}, 0, undefined))).toEqual([]);
});

describe("a difference of one is seen", () => {
  test.each([
    ["ws_msg_expected", 1, 1],
    ["ws_msg_answered", 1, -1],
    ["ws_msg_answered", -1, 1],
    ["ws_msg_disconnected", 1, -1],
    ["ws_msg_timeout", -1, 1],
    ["ws_msg_in_flight", 1, -1],
  ] as const)("%s changed by %d", (key, by, difference) => {
    const sums = conservationOf({ ...balanced, [key]: balanced[key] + by }, 0, undefined);
    expect(sums.difference).toBe(difference);
    expect(unaccounted(sums)).toHaveLength(1);
    expect(unaccounted(sums)[0]).toContain(String(difference));
  });
});

test("late replies are a part of the timed out, not a fate of their own", () => {
  const sums = conservationOf({ ...balanced, ws_msg_late: 2 }, 0, undefined);
  expect(sums.difference).toBe(0);
});

test("sums that agree in total but not per connection are told", () => {
  const sums = conservationOf(balanced, 2, undefined);
  expect(unaccounted(sums)).toEqual(["the sums of 2 connections do not add up"]);
});

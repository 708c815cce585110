/** Shows that what a server did not get, or we did not, is told by its cause where that is known. */
import { describe, expect, test } from "vitest";
import { missing } from "../../src/metrics/missing.js";

const counts = (
  sentByUs: number,
  receivedByServer: number,
  sentByServer = 0,
  receivedByUs = 0,
) => ({
  sentByUs,
  receivedByServer,
  sentByServer,
  receivedByUs,
});

test("nothing is said of what is equal", () => {
  expect(missing(counts(5, 5, 7, 7), { "ws_close{by:client,code:1006}": 1 })).toBeUndefined();
});

describe("messages of ours", () => {
  const totals = {
    "ws_msg_unconfirmed{by:client,cause:dropped}": 6,
    "ws_msg_unconfirmed{by:server,cause:ECONNRESET}": 1,
    "ws_msg_unconfirmed{by:server,cause:fin}": 2,
  };

  test.each([
    [100, 99, true],
    [100, 91, true],
    [100, 90, false],
    [99, 100, false],
  ])("%d sent, %d received: explained is %s", (sent, received, explained) => {
    expect(missing(counts(sent, received), totals)!.explained).toBe(explained);
  });

  test("are told of by cause", () => {
    expect(missing(counts(100, 95), totals)!.detail).toBe(
      "5 of ours did not reach the server, of up to 9 under way when connections ended (6 cut by our own events and profiles, 3 cut by the server or the network)",
    );
    expect(missing(counts(100, 80), totals)!.detail).toContain("no more than 9");
  });

  test("nobody knows of are not explained", () => {
    expect(missing(counts(100, 99), { "ws_close{by:client,code:1000}": 4 })).toEqual({
      explained: false,
      detail: undefined,
    });
  });
});

describe("messages of the server's", () => {
  test("are lost only where connections broke", () => {
    expect(missing(counts(5, 5, 10, 8), { "ws_close{by:client,code:1000}": 4 })).toEqual({
      explained: false,
      detail: undefined,
    });
    expect(
      missing(counts(5, 5, 10, 8), {
        "ws_close{by:client,code:1000}": 4,
        "ws_close{by:client,cause:dropped,code:1006}": 1,
        "ws_close{by:client,code:1002}": 1,
      }),
    ).toEqual({
      explained: true,
      detail:
        "2 of the server's did not reach us: 2 connections ended without a closing handshake (1 cut by our own events and profiles, 1 failed by us for breaking the protocol)",
    });
  });

  test("that we have and it did not send are never explained", () => {
    const broken = { "ws_close{by:client,cause:dropped,code:1006}": 1 };
    expect(missing(counts(5, 5, 8, 10), broken)!.explained).toBe(false);
  });
});

test("whose decision an end was is told, be there a queue or not", () => {
  const totals = {
    "ws_msg_unconfirmed{by:client,cause:dropped}": 1,
    "ws_msg_unconfirmed{by:client,cause:dropped-backlog}": 2,
    "ws_msg_unconfirmed{by:server,cause:backlog}": 1,
  };
  expect(missing(counts(9, 6), totals)!.detail).toContain(
    "of up to 4 under way when connections ended (3 cut by our own events and profiles, 1 ended while messages stood in our queue)",
  );
});

test("a foreign cause is no key of ours", () => {
  const totals = { "ws_msg_unconfirmed{by:server,cause:constructor}": 1 };
  expect(missing(counts(2, 1), totals)!.detail).toContain("1 cut by the server or the network");
});

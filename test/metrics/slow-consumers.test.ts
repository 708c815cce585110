/** Shows that what several workers know of slow consumers becomes one account. */
import { describe, expect, test } from "vitest";
import {
  addEnd,
  mergeSlowConsumers,
  type SlowConsumers,
  type SlowEnd,
  type SlowProfile,
} from "../../src/metrics/slow-consumers.js";

const end = (code: string, count: number, min: number, max: number): SlowEnd => ({
  code,
  by: "server",
  cause: undefined,
  count,
  after: { min, max },
});
const slow: SlowProfile = {
  name: "slow",
  rate: 1000,
  connections: 2,
  read: 100,
  readFor: 2000,
  unread: { connections: 1, received: { total: 5, most: 5 }, sending: undefined },
  ends: [end("1013", 2, 10, 20)],
};
const buffers = { receive: { initial: 1, most: 2 }, send: { initial: 3, most: 4 } };

const of = (...profiles: SlowProfile[]): SlowConsumers => ({ profiles, buffers: undefined });

describe("slow consumers of several workers", () => {
  test("are added up by profile", () => {
    const sending = { total: 9, most: 9 };
    const unread = { connections: 2, received: { total: 8, most: 6 }, sending };
    const more = { ...slow, unread, ends: [end("1013", 1, 5, 12), end("1001", 1, 7, 7)] };
    const other = { ...slow, name: "slower", unread: undefined };
    const merged = mergeSlowConsumers([
      of(slow, other),
      { ...of(more), buffers },
      { ...of(), buffers: undefined },
    ]);
    expect(merged).toEqual({
      profiles: [
        {
          name: "slow",
          rate: 1000,
          connections: 4,
          read: 200,
          readFor: 4000,
          unread: { connections: 3, received: { total: 13, most: 6 }, sending },
          ends: [end("1013", 3, 5, 20), end("1001", 1, 7, 7)],
        },
        other,
      ],
      buffers,
    });
  });

  test("are nothing where no worker has any", () => {
    expect(mergeSlowConsumers([])).toBeUndefined();
  });

  test("end in no more ways than are kept, and those count on", () => {
    const codes = Array.from({ length: 1000 }, (_, i) => String(3000 + i));
    const once = codes.reduce<readonly SlowEnd[]>(
      (all, code) => addEnd(all, end(code, 1, 1, 1)),
      [],
    );
    const twice = codes.reduce((all, code) => addEnd(all, end(code, 1, 2, 2)), once);
    expect(once.length).toBeLessThan(100);
    expect(twice.map(({ count }) => count)).toEqual(once.map(() => 2));
  });
});

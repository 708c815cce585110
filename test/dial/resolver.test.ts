/** Shows that names are looked up once, and that only real look-ups count as such. */
import { describe, expect, test, vi } from "vitest";
import {
  CachingResolver,
  type Resolution,
  type Resolver,
  systemResolver,
} from "../../src/dial/resolver.js";

const found: Resolution = { addresses: [{ address: "127.0.0.1", family: 4 }], fresh: true };

describe("the caching resolver", () => {
  test("asks once for dials at the same time and later, and says which one asked", async () => {
    const resolve = vi.fn<Resolver["resolve"]>(async () => found);
    const resolver = new CachingResolver({ resolve });
    const first = await Promise.all([resolver.resolve("a", 80), resolver.resolve("a", 80)]);
    expect([...first, await resolver.resolve("a", 80)].map((one) => one.fresh)).toEqual([
      true,
      false,
      false,
    ]);
    expect(first[1]?.addresses).toEqual(found.addresses);
    await resolver.resolve("b", 80);
    expect(resolve).toHaveBeenCalledTimes(2);
  });

  test("does not remember failures", async () => {
    const resolve = vi.fn<Resolver["resolve"]>();
    resolve.mockRejectedValueOnce(new Error("ENOTFOUND")).mockResolvedValue(found);
    const resolver = new CachingResolver({ resolve });
    const both = [resolver.resolve("a", 80), resolver.resolve("a", 80)];
    await expect(Promise.all(both)).rejects.toThrow("ENOTFOUND");
    await Promise.allSettled(both);
    expect(await resolver.resolve("a", 80)).toEqual(found);
  });

  test("asks again when the time is over", async () => {
    const resolve = vi.fn<Resolver["resolve"]>(async () => found);
    const resolver = new CachingResolver({ resolve }, 0);
    expect((await resolver.resolve("a", 80)).fresh).toBe(true);
    expect((await resolver.resolve("a", 80)).fresh).toBe(true);
    expect(resolve).toHaveBeenCalledTimes(2);
  });
});

test("the system knows localhost", async () => {
  const { addresses, fresh } = await systemResolver.resolve("localhost", 80);
  expect(fresh).toBe(true);
  expect(addresses.map(({ address }) => address)).toContain("127.0.0.1");
});

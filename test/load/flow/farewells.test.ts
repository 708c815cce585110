/** Shows that those who are to go are let go of one after the other, each once, and in turns. */
import { expect, test, vi } from "vitest";
import { Farewells } from "../../../src/load/flow/farewells.js";

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const unexpected = (error: unknown): never => {
  throw error;
};

/** Keeps the loop busy for so many ms. */
function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("never within the call that asks for it, and in the order in which they asked", async () => {
  const gone: number[] = [];
  const farewells = new Farewells<number>((who) => gone.push(who), unexpected);
  for (let who = 0; who < 50; who++) farewells.push(who);
  farewells.push(7);
  expect(gone).toEqual([]);
  await vi.waitFor(() => expect(gone).toHaveLength(50));
  await turn();
  expect(gone).toEqual([...Array(50).keys()]);
});

test("others get their turn in between", async () => {
  const gone: number[] = [];
  const farewells = new Farewells<number>((who) => {
    gone.push(who);
    busy(0.2);
  }, unexpected);
  for (let who = 0; who < 100; who++) farewells.push(who);
  const seen: number[] = [];
  for (let i = 0; i < 1000 && gone.length < 100; i++) {
    await turn();
    seen.push(gone.length);
  }
  expect(gone).toHaveLength(100);
  const most = Math.max(...seen.map((count, i) => count - (seen[i - 1] ?? 0)));
  // Five are a millisecond; a turn of this test may fall behind one of theirs.
  expect(most).toBeLessThanOrEqual(12);
});

test("who asks while others go is let go as well, and so is who asks when all have gone", async () => {
  const gone: number[] = [];
  const farewells = new Farewells<number>((who) => {
    gone.push(who);
    if (who < 5) farewells.push(who + 1);
  }, unexpected);
  farewells.push(1);
  await vi.waitFor(() => expect(gone).toEqual([1, 2, 3, 4, 5]));
  await turn();
  farewells.push(9);
  await vi.waitFor(() => expect(gone).toEqual([1, 2, 3, 4, 5, 9]));
});

test("what is thrown is told", async () => {
  const errors: unknown[] = [];
  const farewells = new Farewells<number>(
    () => {
      throw new Error("broken");
    },
    (error) => errors.push(error),
  );
  farewells.push(1);
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  expect(errors[0]).toMatchObject({ message: "broken" });
});

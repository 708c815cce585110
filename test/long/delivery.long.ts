/**
 * Shows that the delivery ledger says exactly what a server did to a million messages, at 50,000 a second
 * over two workers, and records the figures; the short form is in `test/e2e/ledger.test.ts`.
 */
import { expect, test } from "vitest";
import { expectExact, measureNumbers, measureStamps } from "../guarantees/delivery.js";
import { record } from "./record.js";

const seed = 7;
const size = { users: 200, rate: 50_000, seconds: 20, workers: 2, patience: 15, seed };
const million = size.rate * size.seconds;

type Figures = Awaited<ReturnType<typeof measureStamps>>;

/** One run for each fault; of the accounts the sums are kept. */
async function each(
  faults: Readonly<Record<string, readonly string[]>>,
  measure: (faults: readonly string[]) => Promise<Figures>,
): Promise<Record<string, Omit<Figures, "account"> & { readonly amiss: number }>> {
  const all: Record<string, Omit<Figures, "account"> & { readonly amiss: number }> = {};
  for (const [name, specs] of Object.entries(faults)) {
    const { account, ...figures } = await measure(specs);
    all[name] = { ...figures, amiss: account?.receivers.amiss ?? 0 };
  }
  return all;
}

test("stamps: a million through an echo server, one in a hundred hit", async () => {
  const faults = {
    drop: ["drop,p=1%"],
    dup: ["dup,p=1%"],
    reorder: ["reorder,p=1%"],
    corrupt: ["corrupt,p=1%"],
    all: [
      "reorder,at=50,every=100",
      "corrupt,at=70,every=100",
      "drop,at=10,every=100",
      "dup,at=29,every=99",
    ],
  };
  await record(
    "delivery-stamps",
    {
      guarantee:
        "of 10⁶ messages at 50,000/s over two workers, the ledger's counts are those that the server injected",
      seed,
    },
    async () => each(faults, async (specs) => measureStamps(specs, size)),
    (all) => {
      for (const figures of Object.values(all)) {
        expectExact({ ...figures, account: undefined }, million);
        expect(figures.workers).toBe(2);
        expect(figures.delivered + figures.lost + figures.corrupt).toBe(million);
      }
    },
  );
});

test("numbers of the service: a million updates of a ticker, one in a hundred hit", async () => {
  // By the count of each connection's messages: some are before the window, and some after it.
  const window = `p=1%,at=100,for=${million / size.users}`;
  const faults = {
    drop: [`drop,${window}`],
    dup: [`dup,${window}`],
    reorder: [`reorder,${window}`],
  };
  await record(
    "delivery-numbers",
    {
      guarantee:
        "of 10⁶ messages that a service numbers and is to push at 50,000/s, over two workers, the ledger's counts are those that the server injected",
      seed,
    },
    async () => each(faults, async (specs) => measureNumbers(specs, { ...size, seconds: 28 })),
    (all) => {
      for (const figures of Object.values(all)) {
        expectExact({ ...figures, account: undefined }, million);
        expect(figures.workers).toBe(2);
      }
    },
  );
});

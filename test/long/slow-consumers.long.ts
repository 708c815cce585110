/** Shows in full that slow readers do not pile up in wsctl, nor hold up the healthy. */
import { expect, test } from "vitest";
import { expectToldApart, measureSlowReaders } from "../guarantees/slow-consumers.js";
import { record } from "./record.js";

const mebibyte = 1024 ** 2;

test("slow readers: their rate is kept, the healthy are told apart, and memory stays", async () => {
  const size = { users: 50, rate: 20, size: 16 * 1024, seconds: 240 };
  await record(
    "slow-consumers",
    {
      guarantee:
        "with a tenth of the users reading 1 KB/s of what is pushed beyond the kernel's buffers, wsctl grows by less than 1 MiB a minute",
    },
    async () => measureSlowReaders(size),
    (figures) => {
      expectToldApart(figures, size);
      expect(figures.pushedPerConnection).toBeGreaterThan(figures.kernelBuffers!);
      expect(figures.heldForThem).toBeGreaterThan(figures.slowConnections * figures.kernelBuffers!);
      expect(Math.abs(figures.slowBytesPerSecond - 1000)).toBeLessThan(20);
      expect(figures.memoryPerMinute).toBeLessThan(mebibyte);
    },
  );
});

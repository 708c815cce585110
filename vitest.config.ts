import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // The tests start real servers and worker processes of their own, and wait for them half of the
    // time: one file more than the two cores of the smallest machine fills that, and more would only
    // measure the scheduler.
    maxWorkers: 3,
    reporters: process.env["CI"] ? ["default"] : ["dot"],
  },
});

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // The tests start real servers and worker processes of their own; more files at once than
    // cores would only measure the scheduler.
    maxWorkers: 2,
    reporters: process.env["CI"] ? ["default"] : ["dot"],
  },
});

import { defineConfig } from "vitest/config";

/** The long forms of what `vitest.config.ts` runs the short forms of: `npm run test:long`. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.long.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    // Figures are recorded: nothing else may run beside what is measured.
    maxWorkers: 1,
    fileParallelism: false,
    reporters: ["verbose"],
  },
});

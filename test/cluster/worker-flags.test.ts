import { expect, test } from "vitest";
import { workerFlags } from "../../src/cluster/worker-flags.js";

const alone = { workers: 1, cores: 8, pacer: undefined } as const;

test("where there are cores to spare a worker has the flags of this process and no others", () => {
  expect(workerFlags([], alone)).toEqual([]);
  expect(workerFlags(["--inspect", "--import=x"], alone)).toEqual(["--inspect", "--import=x"]);
});

test("workers that fill the machine get few threads beside their own, unless told otherwise", () => {
  expect(workerFlags([], { ...alone, workers: 6 })).toEqual([]);
  expect(workerFlags([], { ...alone, workers: 7 })).toEqual(["--v8-pool-size=1"]);
  expect(workerFlags([], { ...alone, cores: 1 })).toEqual(["--v8-pool-size=1"]);
  // Of a flag that stands twice Node takes the last.
  expect(workerFlags(["--v8-pool-size=3"], { ...alone, cores: 2 })).toEqual([
    "--v8-pool-size=1",
    "--v8-pool-size=3",
  ]);
});

test("one that never rests has a young space that is not collected all the while", () => {
  expect(workerFlags([], { ...alone, pacer: "spin" })).toEqual(["--min-semi-space-size=16"]);
  expect(workerFlags([], { ...alone, pacer: "ticker" })).toEqual([]);
});

test.each(["-e", "--eval", "-p", "-pe", "--print"])(
  "a script of %s is this process's alone: a worker would run it in place of itself",
  (flag) => {
    const own = ["--no-warnings", flag, "import('wsctl')", "--stack-size=900"];
    expect(workerFlags(own, alone)).toEqual(["--no-warnings", "--stack-size=900"]);
  },
);

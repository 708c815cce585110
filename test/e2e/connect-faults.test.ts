/** Shows that `wsctl connect` sees what a server that misbehaves does, and says what it is. */
import { describe, expect, test } from "vitest";
import { FaultSet } from "../../src/faults/fault-set.js";
import { start } from "../serve/running.js";
import { runWsctl } from "../support/wsctl.js";

async function talk(
  specs: readonly string[],
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const faults = new FaultSet({ seed: "seed", now: () => performance.now() });
  for (const spec of specs) faults.add(spec);
  const { url } = await start({ faults, compress: true });
  return runWsctl(["connect", url, "--compress", ...args], { stdin: "one é\n" });
}

describe("wsctl connect", () => {
  test.each<[string, number, RegExp, string[]]>([
    ["drip-headers=50ms", 3, /time ran out waiting for the answer/, ["--timeout", "400ms"]],
    ["unasked-subprotocol", 4, /chose the subprotocol "wsctl.unasked"; requested: none/, []],
    ["long-length=2^63", 5, /most significant bit/, []],
    ["bomb=64MiB", 5, /larger than the limit, 16.0 MiB/, []],
    ["deflate-context-break", 5, /cannot be inflated: invalid distance too far back/, []],
    ["wrong-pong", 5, /did not answer a ping within 100 ms/, ["--ping", "100ms", "--wait", "2s"]],
  ])("notices %s", async (spec, expected, message, args) => {
    const { code, stderr } = await talk([spec], ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });

  test("is not led astray by what is legal", async () => {
    const { code, stdout } = await talk(
      ["split-utf8", "empty-fragments=3000", "fragment-drip=0", "data-after-close"],
      "--wait",
      "300ms",
    );
    expect(stdout).toBe("one é\n");
    expect(code).toBe(0);
  });
});

/** Shows that whatever `scenario init` takes makes a file that passes `validate`; the rest it refuses itself. */
import fc from "fast-check";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { usual } from "../../src/cli/starter/answers.js";
import { shapes } from "../../src/cli/starter/shapes.js";
import { traffics } from "../../src/cli/starter/traffics.js";
import { catalogue } from "../../src/metrics/catalogue.js";
import { wsctl } from "./fake-host.js";
import { newFolder } from "./scenario-files.js";

describe("a gate on what the scenario never brings about", () => {
  test("is refused, with the reason that validate has and no file to look for", async () => {
    const file = path.join(newFolder(), "a.yaml");
    const { code, stderr } = await wsctl(["scenario", "init", file, "--gate", "ws_ping: p(99)<1s"]);
    expect([code, existsSync(file)]).toEqual([2, false]);
    expect(stderr).toContain("--gate: ws_ping needs pings, and nobody sends one");
    expect(stderr).toContain("hint: add a step ping: 5s");
    expect(stderr).not.toMatch(/yaml:\d|is a bug/);
  });

  test("is taken where it does", async () => {
    const file = path.join(newFolder(), "a.yaml");
    const flags = ["--traffic", "idle", "--gate", "ws_ping: p(99)<1s"];
    expect(await wsctl(["scenario", "init", file, ...flags])).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).toContain('ws_ping: ["p(99)<1s"]');
  });
});

const durations = fc.constantFrom(
  "1s",
  "1m30s",
  "1500ms",
  "24h",
  "90s",
  "1.5m",
  "2.5s",
  "1h30m",
  "7s",
);
const counts = fc.constantFrom("1", "3", "10k", "1m", "999999", "0.5k", "1_000");
const rates = fc.constantFrom("1/s", "50/m", "0.001/s", "100000/s", "7", "1.5/s", "3/h", "10k/s");
const targets = fc.oneof(
  fc.constantFrom(
    "ws://a",
    "http://h:8080/x?y=1#z",
    "wss://[::1]:1/",
    "ws+unix:/tmp/s:/p",
    "a:1",
    usual.target,
  ),
  fc.webUrl({ withQueryParameters: true }).map((url) => url.replace(/^http/, "ws")),
  fc.string().map((tail) => `ws://h/${tail}`),
);
const gates = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...Object.keys(catalogue)),
      fc.constantFrom(
        "",
        "{scenario:requests}",
        "{stage:hold}",
        "{stage:up}",
        "{step:hello}",
        "{scenario:x}",
      ),
      fc.constantFrom("p(99)<1s", "count==0", "rate>99%", "count>0", "avg<5", "max<1s", "value>0"),
    )
    .map(([metric, tags, condition]) => `${metric}${tags}: ${condition}`),
  fc.string(),
);

test("whatever is taken passes validate", async () => {
  const folder = newFolder();
  const took = { yes: 0, no: 0 };
  const answers = fc.record({
    target: targets,
    traffic: fc.constantFrom(...Object.keys(traffics)),
    shape: fc.constantFrom(...Object.keys(shapes)),
    connections: counts,
    duration: durations,
    rate: fc.option(rates),
    arrivalRate: fc.option(rates),
    gates: fc.array(gates, { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(answers, async ({ gates: all, rate, arrivalRate, ...rest }) => {
      const file = path.join(folder, "a.yaml");
      const flags = Object.entries(rest).map(([name, value]) => `--${name}=${value}`);
      if (rate !== null) flags.push(`--rate=${rate}`);
      if (arrivalRate !== null) flags.push(`--arrival-rate=${arrivalRate}`);
      for (const gate of all) flags.push(`--gate=${gate}`);
      const made = await wsctl(["scenario", "init", file, "--force", ...flags]);
      if (made.code === 0) {
        took.yes++;
        const { code, stderr } = await wsctl(["scenario", "validate", file]);
        expect(code, stderr).toBe(0);
      } else {
        took.no++;
        // It is said of a flag: there is no file that a place could be in.
        expect(made.stderr).toMatch(
          /^error: (?:(?:option )?'?--[a-z-]+|\d+ mistakes in the flags)/,
        );
        expect(made.stderr).not.toMatch(/a\.yaml:\d/);
      }
    }),
    { numRuns: 150 },
  );
  expect(Math.min(took.yes, took.no)).toBeGreaterThan(4);
});

test("all that is wrong with the flags is told at once, each with its flag", async () => {
  const file = path.join(newFolder(), "a.yaml");
  const bad = ["--target", "gopher://x", "--connections", "0", "--duration", "x", "--gate", "nope"];
  const { code, stderr } = await wsctl(["scenario", "init", file, "--yes", ...bad]);
  expect([code, existsSync(file)]).toEqual([2, false]);
  expect(stderr).toMatch(/^error: 4 mistakes in the flags/);
  for (const flag of ["--target", "--connections", "--duration", "--gate"]) {
    expect(stderr).toContain(`  ${flag}: `);
  }
  expect(stderr).not.toContain("--threshold");
});

test("a mistyped choice is guessed at", async () => {
  const { code, stderr } = await wsctl(["scenario", "init", "-", "--traffic", "broadcst"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("hint: did you mean broadcast?")]);
});

test.each([
  ["foo", "ws://foo/"],
  ["http://x", "ws://x/"],
  ["wss://h/a?b=1", "wss://h/a?b=1"],
])("the target %s is written as it is dialled", async (target, written) => {
  const { stdout } = await wsctl(["scenario", "init", "-", "--yes", "--target", target]);
  expect(stdout).toContain(`target: ${written}\n`);
});

test("users who stay are busy for as long as the run lasts, whatever -d says", async () => {
  const flags = ["--yes", "--traffic", "broadcast", "--duration", "4s"];
  const staying = await wsctl(["scenario", "init", "-", ...flags, "--shape", "constant"]);
  expect(staying.stdout).toMatch(/^ +for: 24h /m);
  const visiting = await wsctl(["scenario", "init", "-", ...flags, "--shape", "arrivals"]);
  expect(visiting.stdout).toMatch(/^ +for: 4s$/m);
});

/** Holds the gallery together: each scenario is without mistakes, tested, and told about. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { runWsctl } from "../support/wsctl.js";
import { scenarioFile, scenarioFolder } from "./scenario-run.js";

const names = readdirSync(scenarioFolder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => path.basename(file, ".yaml"));

const root = fileURLToPath(new URL("../..", import.meta.url));

function read(...parts: string[]): string {
  return readFileSync(path.join(root, ...parts), "utf8");
}

/** What editors are told by the first line of each file. */
const accepts = new Ajv2020({ strict: false }).compile(
  JSON.parse(read("schema", "scenario.schema.json")) as object,
);

test("there is a gallery, and none of its scenarios has a mistake", async () => {
  expect(names.length).toBeGreaterThanOrEqual(12);
  const args = ["scenario", "validate", ...names.map((name) => scenarioFile(name))];
  const { code, stderr } = await runWsctl(args, { timeoutMs: 30_000 });
  expect([code, stderr]).toEqual([0, ""]);
}, 40_000);

test.each(names)("%s says what it is for, and is played, broken and told about", (name) => {
  const [schema = "", blank, first = ""] = read("scenarios", `${name}.yaml`).split("\n");
  expect(schema).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\/scenario\.schema\.json$/);
  expect(accepts(parse(read("scenarios", `${name}.yaml`))), JSON.stringify(accepts.errors)).toBe(
    true,
  );
  expect([blank, first]).toEqual(["#", expect.stringMatching(/^# \S/)]);
  const [head = ""] = read("scenarios", `${name}.yaml`).split("\n\n");
  expect(head).toContain(`#   wsctl load scenarios/${name}.yaml`);
  expect(head).toMatch(/^# Change: \S/m);

  const manual = read("docs", "scenarios.md");
  expect(manual).toContain(`[${name}](../scenarios/${name}.yaml)`);
  expect(manual).toContain(`wsctl load scenarios/${name}.yaml`);

  const tests = readdirSync(path.join(root, "test", "scenarios"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => read("test", "scenarios", file));
  const blocks = tests.flatMap((text) => text.split(/^describe\(/m).slice(1));
  const own = blocks.find((block) => block.startsWith(`"${name}", `));
  expect(own, "no describe of this name in test/scenarios").toBeDefined();
  expect(own).toContain("expectPassed(");
  expect(own).toContain("expectBroken(");
});

test("the manual names no scenario or file that is not there", () => {
  const links = [
    ...read("docs", "scenarios.md").matchAll(/scenarios\/[\w./-]+\.(?:yaml|csv|png)/g),
  ];
  expect(links.length).toBeGreaterThan(names.length);
  expect(links.map(([link]) => link).filter((link) => !existsSync(path.join(root, link)))).toEqual(
    [],
  );
});

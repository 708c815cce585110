/** Holds src against the rules of the house, and shows that each rule bites. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { floors, violationsOf } from "./support/architecture.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const made: string[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** What the rules say of a tree of these files; each gets the opening comment unless it has one. */
function violationsIn(files: Readonly<Record<string, string>>): string[] {
  const src = mkdtempSync(path.join(tmpdir(), "wsctl-architecture-"));
  made.push(src);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(src, name)), { recursive: true });
    writeFileSync(
      path.join(src, name),
      /^\s*\/\*|^!/.test(text) ? text : `/** Owns it. */ ${text}`,
    );
  }
  return violationsOf(src);
}

test("src keeps the rules", () => {
  expect(violationsOf(path.join(root, "src"))).toEqual([]);
});

test("CONTRIBUTING.md shows the floors as they are checked", () => {
  const manual = readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");
  const rows = [...manual.matchAll(/^\| (\d) \| ([^|]+) \|/gm)].map(
    ([, floor, rooms]) => [Number(floor), rooms?.replaceAll("`", "").trim().split(", ")] as const,
  );
  expect(rows).toEqual([...floors]);
});

describe("a tree that keeps the rules passes", () => {
  test.each<[string, Record<string, string>]>([
    ["lower floors", { "cli/main.ts": 'import { a } from "../base/a.js";', "base/a.ts": "" }],
    ["the own room", { "load/pacer.ts": 'import type { User } from "./users/user.js";' }],
    ["an own folder of a room", { "serve/modes/echo.ts": 'import { mode } from "../mode.js";' }],
    ["re-exports from index.ts", { "index.ts": 'export { run } from "./cli/main.js";' }],
    ["the terminal in cli", { "cli/main.ts": 'import chalk from "chalk"; process.exit(1);' }],
    ["chalk as a type in report", { "report/text.ts": 'import type { Chalk } from "chalk";' }],
    ["tables in report", { "report/text.ts": 'import Table from "cli-table3";' }],
    ["process in the worker entry", { "cluster/worker-process.ts": "process.send?.(1);" }],
    ["a script loaded by cli", { "cli/script.ts": "await import(path);" }],
    ["words in comments", { "base/a.ts": '// import "../cli/main.js"; process.exit()' }],
    ["words in strings", { "base/a.ts": "const a = 'import \"../cli/a.js\"', b = `console.log`;" }],
    ["words in regular expressions", { "base/a.ts": "const a = 1 / 2, b = /[/'\"]process.exit/;" }],
    [
      "keys and methods of those names",
      { "base/a.ts": "x.process; y.console(); ({ process: 1 });" },
    ],
  ])("%s", (_what, files) => {
    expect(violationsIn(files)).toEqual([]);
  });
});

describe("a break of each rule is named", () => {
  const upward = /^base\/a\.ts:1 imports "\.\.\/cli\/x\.js".*base \(floor 1\).*cli \(floor 9\)/;
  test.each<[string, string, string, RegExp]>([
    ["import", "base/a.ts", 'import { x } from "../cli/x.js";', upward],
    ["import without spaces", "base/a.ts", 'import{x}from"../cli/x.js";', upward],
    ["import of a default named type", "base/a.ts", 'import type from "../cli/x.js";', upward],
    ["import for its effects", "base/a.ts", "import '../cli/x.js';".replaceAll("'", '"'), upward],
    ["import type", "base/a.ts", 'import type { x } from "../cli/x.js";', upward],
    ["export", "base/a.ts", 'export { x as y } from "../cli/x.js";', upward],
    ["export type", "base/a.ts", 'export type { x } from "../cli/x.js";', upward],
    ["export star", "base/a.ts", 'export * as x from "../cli/x.js";', upward],
    ["dynamic import", "base/a.ts", 'const x = await import("../cli/x.js");', upward],
    ["import as a type", "base/a.ts", 'let x: typeof import("../cli/x.js");', upward],
    ["import in a template", "base/a.ts", "`{${`}${1}` + await import('../cli/x.js')}`", upward],
    [
      "the own floor",
      "load/a.ts",
      'import { x } from "../report/x.js";',
      /^load\/a\.ts:1 imports "\.\.\/report\/x\.js".*load \(floor 6\).*report \(floor 6\)/,
    ],
    [
      "an unknown room",
      "load/a.ts",
      'import "../attic/x.js";',
      /^load\/a\.ts:1 .*attic is no known/,
    ],
    ["the public library", "cli/a.ts", 'import "../index.js";', /^cli\/a\.ts:1 .*above every room/],
    ["the package itself", "cli/a.ts", 'import "wsctl";', /^cli\/a\.ts:1 .*above every room/],
    ["outside of src", "cli/a.ts", 'import "../../test/a.js";', /^cli\/a\.ts:1 .*outside src/],
    ["computed", "load/a.ts", "await import(path);", /^load\/a\.ts:1 calls import\(\).*computed/],
    [
      "process",
      "load/a.ts",
      "\nprocess.exit(1);",
      /^load\/a\.ts:2 uses process; only cli and repl/,
    ],
    [
      "process, taken apart",
      "load/a.ts",
      "const { env } = process;",
      /^load\/a\.ts:1 uses process/,
    ],
    ["process, spread", "load/a.ts", "f(...process.argv);", /^load\/a\.ts:1 uses process/],
    [
      "process of globalThis",
      "load/a.ts",
      "globalThis.process.pid;",
      /^load\/a\.ts:1 uses process/,
    ],
    ["process in a template", "load/a.ts", "`${process.pid}`;", /^load\/a\.ts:1 uses process/],
    ["process as a module", "load/a.ts", 'import p from "node:process";', /^load.*"node:process"/],
    [
      "process in other worker files",
      "cluster/worker.ts",
      "process.send(1);",
      /^cluster.* process/,
    ],
    ["console", "cluster/worker-process.ts", "console.log(1);", /^cluster\/.*:1 uses console/],
    [
      "commander",
      "load/a.ts",
      'import { Command } from "commander";',
      /^load.*"commander".*only cli/,
    ],
    [
      "inquirer",
      "load/a.ts",
      'import { input } from "@inquirer/prompts";',
      /^load.*"@inquirer\/pro/,
    ],
    ["chalk", "load/a.ts", 'import type { Chalk } from "chalk";', /^load\/a.*"chalk".*only cli/],
    [
      "chalk in report",
      "report/a.ts",
      'import { type C } from "chalk";',
      /^report.*only as a type/,
    ],
    [
      "cli-table3",
      "load/a.ts",
      'import Table from "cli-table3";',
      /^load\/a.*"cli-table3".*only cli/,
    ],
    [
      "no opening comment",
      "base/a.ts",
      "/* x */ /** Owns it. */",
      /^base\/a\.ts does not begin with/,
    ],
    ["an empty opening comment", "base/a.ts", "/** */ let a = 1;", /^base\/a\.ts does not begin/],
    ["an endless opening comment", "base/a.ts", "/** Owns", /^base\/a\.ts does not begin/],
    ["a long file", "base/a.ts", "\n".repeat(301), /^base\/a\.ts has 301 lines.*more than 300/],
    ["an unknown room", "attic/a.ts", "", /^attic\/a\.ts lies in no known room/],
    ["a stray file", "a.ts", "", /^a\.ts lies in no known room/],
    ["a vague file", "base/string-utils.ts", "", /^base\/string-utils\.ts is called "utils"/],
    ["a vague folder", "load/helpers/a.ts", "", /^load\/helpers\/a\.ts is called "helpers"/],
    ["a vague asset", "dashboard/common.css", "", /^dashboard\/common\.css is called "common"/],
  ])("%s", (_what, name, text, expected) => {
    const [violation, ...more] = violationsIn({ "base/short.ts": "", [name]: text });
    expect(violation).toMatch(expected);
    expect(more).toEqual([]);
  });

  test("a high median", () => {
    const long = "\n".repeat(121);
    expect(violationsIn({ "base/a.ts": long, "base/b.ts": long, "base/c.ts": "" })).toEqual([
      "the median file has 121 lines; it has at most 120",
    ]);
  });
});

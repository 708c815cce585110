/** Holds the manual against the program: every scenario in it is sound, every flag in it exists. */
import { readFileSync } from "node:fs";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, test } from "vitest";
import { program } from "../../src/cli/program.js";
import { fakeHost, wsctl } from "./fake-host.js";
import { fileWith, newFolder } from "./scenario-files.js";

const manual = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

function blocksOf(text: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm");
  return [...text.matchAll(fence)].map(([, block = ""]) => block);
}

// Where a page shows parts of a file as well, only what has users is one.
const scenarios = ["scenario.md", "delivery.md", "fan-out.md", "slow-consumers.md"]
  .flatMap((name) => blocksOf(manual(name), "yaml"))
  .concat(blocksOf(manual("reconnect.md"), "yaml").filter((text) => /^scenarios:/m.test(text)));

describe("the manual of scenarios", () => {
  test("holds scenarios", () => {
    expect(scenarios.length).toBeGreaterThan(2);
  });

  test.each(scenarios.map((text, index) => [index + 1, text] as const))(
    "scenario %d is sound",
    async (_number, text) => {
      const folder = newFolder();
      fileWith("name,token\nada,1\n", "users.csv", folder);
      fileWith('{"id":"a"}\n', "items.jsonl", folder);
      const { code, stderr } = await wsctl([
        "scenario",
        "validate",
        fileWith(text, "s.yaml", folder),
      ]);
      expect([code, stderr]).toEqual([0, ""]);
    },
  );
});

const root = await program(fakeHost([]), () => {});

describe.each([
  "scenario.md",
  "delivery.md",
  "fan-out.md",
  "slow-consumers.md",
  "reports.md",
  "load.md",
  "../README.md",
])("%s", (name) => {
  const text = manual(name);
  const commands = [...blocksOf(text, "sh"), ...blocksOf(text, "")]
    .join("\n")
    .split("\n")
    .flatMap((line) => line.replace(/#.*/, "").split("|"))
    .flatMap((part) => /(?:^|[\s$])(?:wsctl|npx wsctl) (.*)/.exec(part)?.[1] ?? []);
  test("has commands and flags that exist", () => {
    expect(commands.length).toBeGreaterThan(0);
    for (const line of commands) {
      const words = line
        .replace(/'[^']*'/g, "''")
        .trim()
        .split(/\s+/);
      let command: CommandUnknownOpts = root;
      for (const word of words) {
        const next = command.commands.find((one) => one.name() === word);
        if (!next) break;
        command = next;
      }
      const known = command.options.flatMap(({ short, long }) => [short, long]);
      // The mistake that the README shows is one.
      const used = words.filter((word) => /^--?[a-zA-Z]/.test(word) && word !== "--conections");
      for (const flag of used) expect(known, line).toContain(flag.split("=")[0]);
    }
  });

  test("links to files that are there", () => {
    for (const [, link = ""] of text.matchAll(/\]\(((?!http)[^)#]+)/g)) {
      const base = new URL(`../../docs/${name}`, import.meta.url);
      expect(() => readFileSync(new URL(link, base)), link).not.toThrow();
    }
  });
});

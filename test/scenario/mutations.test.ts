/**
 * Shows that whatever is done to a good scenario, it is either still one, or refused with places and
 * never by accident. Seeded: the same mutations each time.
 */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { parse } from "yaml";
import { Random, seedOf } from "../../src/base/random.js";
import { malformed } from "./malformed.js";
import { ScenarioFolder } from "./scenario-files.js";

const source = readFileSync(new URL("chat.txt", import.meta.url), "utf8");
const folder = new ScenarioFolder({ "users.csv": "name,token\nann,t1\n", "ca.pem": "CA" });
afterAll(() => {
  folder.remove();
});

type Path = readonly (string | number)[];

/** The paths of all members and items, those within JSON payloads left out: anything goes there. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null || path.at(-1) === "json") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path.concat(Array.isArray(value) ? Number(key) : key);
    return pathsOf(inner, at).concat([at]);
  });
}

const wrong: readonly unknown[] = [[[]], { no: { such: "thing" } }, -1, "¿?", true, null, 1e300];

/** Retypes what is at the path, or renames or deletes its key. */
function mutate(document: unknown, path: Path, random: Random): string {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], document);
  const key = path.at(-1)!;
  const map = parent as Record<string | number, unknown>;
  const kind = Array.isArray(parent) ? 0 : random.int(0, 2);
  if (kind === 0) {
    map[key] = wrong[random.int(0, wrong.length - 1)];
    return `retype ${path.join(".")}`;
  }
  const value = map[key];
  delete map[key];
  if (kind === 1) map[`${key}x`] = value;
  return `${kind === 1 ? "rename" : "delete"} ${path.join(".")}`;
}

test("mutations of a good scenario are refused with their places, or are good", async () => {
  const random = new Random(seedOf("mutations"));
  let refused = 0;
  for (let round = 0; round < 150; round++) {
    const document: unknown = parse(source);
    const paths = pathsOf(document);
    const what = mutate(document, paths[random.int(0, paths.length - 1)]!, random);
    const text = stringify(document);
    const lines = text.split("\n").length;
    const mistakes = await folder.mistakes(text);
    if (mistakes.length > 0) refused++;
    for (const { place, message } of mistakes) {
      const [, line = 0, column = 0] = /^load\.yaml:(\d+):(\d+)$/.exec(place)?.map(Number) ?? [];
      expect(line, `${what}: ${message}`).toBeGreaterThan(0);
      expect(line, what).toBeLessThanOrEqual(lines);
      expect(column, what).toBeGreaterThan(0);
      expect(message, what).not.toMatch(/[Ii]nvalid|undefined|\[object|NaN/);
    }
  }
  // Some keys may be left out, and some values may be anything.
  expect(refused).toBeGreaterThan(80);
  expect(refused + malformed.length).toBeGreaterThan(200);
});

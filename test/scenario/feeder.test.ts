/** Shows that data files are read row by row, and that what is wrong with one is told with its line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { formatOf, inspectFeeder, readRows } from "../../src/scenario/feeder.js";
import { rowOf } from "../../src/scenario/rows.js";

const made: string[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function file(name: string, content: string | Buffer): string {
  const dir = mkdtempSync(path.join(tmpdir(), "wsctl-feeder-"));
  made.push(dir);
  writeFileSync(path.join(dir, name), content);
  return path.join(dir, name);
}

async function facts(name: string, content: string | Buffer) {
  return inspectFeeder(file(name, content), formatOf(name)!);
}

async function rows(name: string, content: string, ...wanted: number[]) {
  const feeder = { name: "users", path: file(name, content), format: formatOf(name)! };
  const found = await readRows(feeder, new Set(wanted));
  return Object.fromEntries([...found].map(([i, row]) => [i, Object.fromEntries(row)]));
}

const csv = 'id,name\n1,"Ann, ""the"" first"\n2,Bö\n3,\n';

describe("CSV", () => {
  test("has columns by its first line, and values that are text", async () => {
    expect(await facts("users.csv", csv)).toEqual({ columns: ["id", "name"], rows: 3 });
    expect(await rows("users.csv", csv, 0, 2)).toEqual({
      0: { id: "1", name: 'Ann, "the" first' },
      2: { id: "3", name: "" },
    });
  });

  test("may begin with a byte order mark, end without a line feed, and have CRLF", async () => {
    expect(await rows("users.csv", "\ufeffid,n\r\n1,x\r\n2,y", 1)).toEqual({
      1: { id: "2", n: "y" },
    });
  });

  test.each<[string, string, RegExp]>([
    ["a value too many", "a,b\n1,2\n1,2,3\n", /line 3/],
    [
      "a quote that does not close",
      'a,b\n1,2\n"1,2\n3,4\n',
      /line 3 opens a quote .* never closed/,
    ],
    ["one behind blank lines", 'a,b\n1,2\n\n\n1,"2\n3,4\n', /line 5 opens a quote/],
    ["a quote that closes late", 'a,b\n1,"2\n3,4",5\n', /line 2 has 3 values.*2 columns.*line 3/],
    ["a value too few", "a,b\n1,2\n\n3\n", /line 4 has 1 value, and there are 2 columns$/],
    ["more behind a quote", 'a,b\n1,"2\n3,"4"\n', /line 2 has more behind .* in line 3/],
    ["a quote within a value", 'a,b\n1,2"x\n', /line 2 has a quote within a value/],
    ["a column twice", "a,b,a\n1,2,3\n", /column a is there twice/],
    ["a column without a name", "a,,b\n1,2,3\n", /column has no name/],
  ])("%s is refused", async (_what, content, expected) => {
    await expect(facts("users.csv", content)).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      message: expect.stringMatching(expected) as string,
    });
  });

  test("of a line without an end is refused before it fills the memory", async () => {
    const endless = Buffer.alloc(3 * 1024 * 1024, "x");
    await expect(facts("users.csv", endless)).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
  });
});

describe("JSONL", () => {
  const lines = '{"id":1,"tags":["a"]}\n\n{"id":2,"more":true}';

  test("keeps types, passes over empty lines, and needs no last line feed", async () => {
    expect(await facts("users.jsonl", lines)).toEqual({ columns: ["id", "tags", "more"], rows: 2 });
    expect(await rows("users.ndjson", lines, 1)).toEqual({ 1: { id: 2, more: true } });
  });

  test("is read across the borders of chunks, characters of several bytes included", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ id: i, s: "äö🙂" }));
    expect(await rows("users.jsonl", many.join("\n"), 19_999)).toEqual({
      19_999: { id: 19_999, s: "äö🙂" },
    });
  });

  test.each<[string, string | Buffer, RegExp]>([
    ["a line that is no JSON", '{"a":1}\n{a}\n', /line 2/],
    ["a line that is no object", '{"a":1}\n[1]\n', /line 2 is no object/],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), /encoded|UTF-8|valid/i],
    ["an endless line", "x".repeat(3 * 1024 * 1024), /line 1 is longer/],
  ])("%s is refused", async (_what, content, expected) => {
    await expect(facts("users.jsonl", content)).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      message: expect.stringMatching(expected) as string,
    });
  });
});

describe("JSON", () => {
  test("is an array of objects", async () => {
    expect(await facts("users.json", '[{"a":1},{"b":null}]')).toEqual({
      columns: ["a", "b"],
      rows: 2,
    });
  });

  test.each<[string, string, RegExp]>([
    ["no array", '{"a":1}', /array of objects/],
    ["an item that is no object", '[{"a":1},2]', /item 2 is no object/],
    ["no JSON", "[", /JSON/],
  ])("%s is refused", async (_what, content, expected) => {
    await expect(facts("users.json", content)).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      message: expect.stringMatching(expected) as string,
    });
  });
});

test("a file that is not there, or that has shrunk, is told", async () => {
  await expect(inspectFeeder("/nowhere/users.csv", "csv")).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
    message: expect.stringContaining("ENOENT") as string,
  });
  await expect(rows("users.csv", "id\n1\n", 5)).rejects.toMatchObject({
    message: expect.stringContaining("has 1 rows") as string,
  });
});

test("members named like parts of an object's prototype are members", async () => {
  const found = await rows("users.jsonl", '{"__proto__":{"x":1},"constructor":2}', 0);
  expect(Object.keys(found[0] ?? {})).toContain("constructor");
  expect(({} as { x?: number }).x).toBeUndefined();
});

test("the format follows from the file's name", () => {
  expect(["a.csv", "a.JSON", "a.jsonl", "a.ndjson", "a.txt", "csv"].map(formatOf)).toEqual([
    "csv",
    "json",
    "jsonl",
    "jsonl",
    undefined,
    undefined,
  ]);
});

test("the row of a user follows from its index, and at random from the seed too", () => {
  const feeder = { name: "users", rows: 10 } as const;
  expect([0, 9, 10, 25].map((i) => rowOf({ ...feeder, order: "sequence" }, 1, i))).toEqual([
    0, 9, 0, 5,
  ]);
  const drawn = Array.from({ length: 200 }, (_, i) => rowOf({ ...feeder, order: "random" }, 1, i));
  expect(new Set(drawn).size).toBe(10);
  expect(drawn).toEqual(
    Array.from({ length: 200 }, (_, i) => rowOf({ ...feeder, order: "random" }, 1, i)),
  );
  expect(drawn).not.toEqual(
    Array.from({ length: 200 }, (_, i) => rowOf({ ...feeder, order: "random" }, 2, i)),
  );
});

describe("what is no JSON is told by its place alone", () => {
  const canary = "c4n4ry-d0-n0t-sh0w";
  test.each<[string, string]>([
    ["users.json", `[{"token":"${canary}"} x]`],
    ["users.json", canary],
    ["users.json", `[{"token":${canary}}]`],
    ["users.jsonl", `{"token":"a"}\n{"token":"${canary}" x}\n`],
    ["users.jsonl", `${canary}\n`],
    ["users.csv", `token\n${canary}"x\n`],
  ])("%s: %s", async (name, content) => {
    const error: unknown = await facts(name, content).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
    const { message, cause } = error as Error;
    expect(`${message} ${String(cause)}`).not.toContain("c4n4ry");
    expect(message).toMatch(/is not JSON|line [12]/);
  });

  test("with the character where it ends to be JSON", async () => {
    await expect(facts("users.json", '[{"a":1},\n{"a":2} x]')).rejects.toMatchObject({
      message: expect.stringMatching(/is not JSON, at character 19$/) as string,
    });
  });
});

test.each(["users.json", "users.jsonl"])("%s may begin with a byte order mark", async (name) => {
  const content = name.endsWith("l") ? '\ufeff{"a":1}\n' : '\ufeff[{"a":1}]';
  expect(await rows(name, content, 0)).toEqual({ 0: { a: 1 } });
});

/** Shows that a recording is read line by line, however it is cut, and that nothing wrong passes. */
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRecording } from "../../src/recording/reader.js";
import { header, newPath, readText } from "./recording-files.js";

const lines = [
  '{"t":0,"k":"upgrade","status":101,"request":[["Host","h"]],"response":[],"phases":{"dns":0.4}}',
  '{"t":12.481,"k":"out","op":1,"data":"{\\"op\\":\\"jöin\\"}\u2028 ends"}',
  "# by hand",
  "",
  '{"t":13.9,"k":"in","op":2,"b64":"AAEC","wire":7,"frags":[1,2],"rsv1":true}',
  '{"t":20.002,"k":"in","op":9,"b64":""}',
  '{"t":21,"k":"future","x":1e999,"__proto__":{"polluted":true}}',
  '{"t":31,"k":"gap","why":"reconnect","attempt":1,"lasted":1000.2}',
  '{"t":40.5,"k":"mark","text":"after login"}',
  '{"t":60,"k":"close","by":"server","code":1000,"reason":""}',
  '{"t":60.1,"k":"end","in":812,"out":40}',
];
const file = `${header}${lines.join("\n")}\n`;
const data = lines.filter((line) => line.startsWith("{"));

test("all lines, in any pieces", async () => {
  for (const size of [1, 2, 7, 64, 1_000_000]) {
    const read = await readText(file, {}, size);
    expect(read.raws).toEqual(data);
    expect(read.torn).toBe(false);
    expect(read.lines[1]).toEqual(JSON.parse(data[1]!));
  }
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("cut at any byte, all whole lines are there, and the rest is torn unless cut at a line break", async () => {
  const bytes = Buffer.from(file);
  const first = Buffer.byteLength(header);
  for (let cut = first; cut <= bytes.length; cut++) {
    const part = bytes.subarray(0, cut);
    const whole = part.toString("latin1").split("\n").slice(1);
    const last = whole.pop()!;
    const isAtBreak = part.at(-1) === 0x0a || bytes[cut] === 0x0a;
    const isComment = last.startsWith("#");
    const problems: number[] = [];
    const read = await readText(part, { onProblem: (line) => problems.push(line) });
    expect(read.torn, `cut at ${cut}`).toBe(!isAtBreak && !isComment);
    const count = whole.filter((line) => line.startsWith("{")).length;
    const isWhole = bytes[cut] === 0x0a && last.startsWith("{");
    expect(read.lines.length, `cut at ${cut}`).toBe(count + (isWhole ? 1 : 0));
    expect(problems.length).toBe(read.torn ? 1 : 0);
  }
});

test("cut within the header there is nothing to read", async () => {
  for (const cut of [0, 1, 20, Buffer.byteLength(header) - 2]) {
    const bytes = Buffer.from(header).subarray(0, cut);
    await expect(readText(bytes)).rejects.toThrow(/cannot be read as a recording/);
    const read = await readText(bytes, { salvage: true });
    expect(read.lines).toEqual([]);
    expect(read.torn).toBe(cut > 0);
  }
});

test("comments and empty lines are kept for whoever asks", async () => {
  const text = `# first\n${file}\n# last`;
  const { raws, rest } = await readText(text, { comments: true });
  expect(raws).toEqual(["# first", ...lines]);
  expect(rest).toEqual(["", "# last"]);
});

test("a mark of the byte order, and line breaks of other systems", async () => {
  const read = await readText(`\ufeff${file.replaceAll("\n", "\r\n")}`);
  expect(read.lines).toHaveLength(data.length);
});

describe("what is malformed is named with its line, or left out", () => {
  test.each([
    ["nonsense", "no JSON"],
    ["[1]", "no JSON object"],
    ["null", "no JSON object"],
    ['{"t":1}', '"k" is missing'],
    ['{"k":"mark","text":"x"}', '"t"'],
    ['{"t":1e999,"k":"mark","text":"x"}', '"t"'],
    ['{"t":-1,"k":"mark","text":"x"}', '"t"'],
    ['{"t":"1","k":"mark","text":"x"}', '"t"'],
    ['{"t":1,"k":"mark"}', '"text" is missing'],
    ['{"t":1,"k":"in","op":1}', "one of"],
    ['{"t":1,"k":"in","op":1,"data":"a","b64":""}', "one of"],
    ['{"t":1,"k":"in","op":1.5,"data":"a"}', "opcode"],
    ['{"t":1,"k":"in","op":16,"data":"a"}', "opcode"],
    ['{"t":1,"k":"in","op":2,"b64":"A"}', "base64"],
    ['{"t":1,"k":"in","op":2,"b64":"AA=A"}', "base64"],
    ['{"t":1,"k":"in","op":2,"b64":7}', "base64"],
    ['{"t":1,"k":"in","op":1,"data":"\\ud800"}', "half a character"],
    ['{"t":1,"k":"in","op":1,"data":"a","wire":-1}', '"wire"'],
    ['{"t":1,"k":"in","op":1,"data":"a","frags":[1,"2"]}', '"frags"'],
    ['{"t":1,"k":"in","op":1,"data":"a","rsv1":1}', '"rsv1"'],
    ['{"t":1,"k":"close","by":"me","code":1000,"reason":""}', '"by"'],
    ['{"t":1,"k":"upgrade","status":101,"request":[["a"]],"response":[]}', '"request"'],
    ['{"t":1,"k":"upgrade","status":101,"request":[],"response":[],"phases":{"a":"b"}}', "phases"],
    ['{"t":1,"k":"end","in":1.5,"out":0}', '"in"'],
    [header.trim(), "begins another"],
    ['{"__proto__":{"t":1,"k":"mark","text":"x"}}', '"k" is missing'],
  ])("%s", async (line, what) => {
    const text = `${header}${data[0]!}\n${line}\n${data[1]!}\n`;
    const failed = readText(text, { name: "a.wsrec" });
    await expect(failed).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      where: ["a.wsrec:3"],
      hint: expect.stringContaining("--salvage") as string,
      message: expect.stringContaining(what) as string,
    });
    const problems: [number, string][] = [];
    const onProblem = (number: number, said: string): void => void problems.push([number, said]);
    const read = await readText(text, { salvage: true, onProblem });
    expect(read.raws).toEqual([data[0], data[1]]);
    expect(problems).toEqual([[3, expect.stringContaining(what)]]);
  });

  test("bytes that are no UTF-8", async () => {
    const bad = Buffer.from(`${header}{"t":1,"k":"mark","text":"\xff"}\n${data[0]!}\n`, "latin1");
    await expect(readText(bad)).rejects.toThrow("no UTF-8");
    expect((await readText(bad, { salvage: true }, 10)).raws).toEqual([data[0]]);
  });

  test.each([
    ["hello\n", "no JSON", /^recordings are made/],
    ["[1]\n", "no JSON object", /^recordings are made/],
    ["{}\n", 'lacks "wsrec"', /^recordings are made/],
    ['{"wsrec":2,"url":"","startedAt":"2026-11-20"}\n', "a newer wsctl may read it", undefined],
    ['{"wsrec":1,"url":"","startedAt":"soon"}\n', "startedAt", /^correct the line/],
    ['{"wsrec":1,"startedAt":"2026-11-20"}\n', "url", /^correct the line/],
  ])("the header %s", async (line, what, hint) => {
    await expect(readText(line)).rejects.toThrow(what);
    // What is none is not to be corrected line by line; what has a mistake is one all the same.
    await expect(readText(line)).rejects.toMatchObject({
      hint: hint && expect.stringMatching(hint),
    });
    await expect(readText(`${line}${data[0]!}\n`, { salvage: true })).resolves.toMatchObject({
      lines: [{ k: "upgrade" }],
    });
  });

  test("a recording that has lost its header", async () => {
    const { raws } = await readText(`${data.join("\n")}\n`, { salvage: true });
    expect(raws).toEqual(data);
  });
});

test("lines before a malformed one are given first", async () => {
  const path = newPath();
  writeFileSync(path, `${header}${data[0]!}\nnonsense\n`);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { line } of readRecording(path)) seen.push(line.k);
  };
  await expect(read()).rejects.toThrow("no JSON");
  expect(seen).toEqual(["upgrade"]);
});

test("the header alone, before, beside and after the lines", async () => {
  const path = newPath();
  writeFileSync(path, file);
  await using first = readRecording(path);
  expect(await first.header).toMatchObject({ wsrec: 1, url: "ws://h/" });
  await first.close();

  const second = readRecording(path);
  const [one, other] = await Promise.all([second.header, second.header]);
  expect(one).toBe(other);
  let count = 0;
  for await (const { number } of second) count += number > 0 ? 1 : 0;
  expect(count).toBe(data.length);
  expect(await second.header).toBe(one);
});

test("what is left early is closed", async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield Buffer.from(file);
      yield Buffer.from(`${data[0]!}\n`);
    } finally {
      closed = true;
    }
  }
  for await (const { number } of readRecording(source())) {
    expect(number).toBe(2);
    break;
  }
  expect(closed).toBe(true);
});

test("a file that is not there, and one that is none", async () => {
  await expect(readRecording(newPath()).header).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
  await expect(readRecording("/").header).rejects.toThrow("it is a directory");
});

test("salvage survives anything", async () => {
  const piece = fc.oneof(
    fc.constantFrom(...data, header.trim(), "#", '{"', "}", "\\", "\0", "[".repeat(3000)),
    fc.string({ unit: "binary", maxLength: 30 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece), fc.integer({ min: 1, max: 100 }), async (pieces, size) => {
      const text = pieces.join("\n");
      const read = await readText(Buffer.from(text), { salvage: true }, size);
      for (const raw of read.raws) expect(text).toContain(raw);
    }),
    { numRuns: 100 },
  );
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openHar } from "../../../src/recording/har/har-file.js";
import { socketsOf } from "../../../src/recording/har/socket-entry.js";
import { chromeEntry, harOf, imported, secondsAt } from "./samples.js";
import { zipFile, type ZipMember } from "./zip-file.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-har-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An entry as Playwright writes it with `content: "attach"`. */
function attachedEntry(file: string): object {
  const content = { size: -1, mimeType: "x-unknown", _file: file };
  return chromeEntry([], {
    _webSocketMessages: undefined,
    response: { status: 101, statusText: "Switching Protocols", headers: [], content },
    timings: { send: -1, wait: -1, receive: -1 },
  });
}

function row(ms: number, opcode: number, data: string): string {
  return JSON.stringify({ type: "receive", time: secondsAt(ms) * 1000, opcode, data });
}

const messages = `${row(100, 1, "a")}\n${row(200, 2, "AAEC")}\n`;
const har = harOf([attachedEntry("guid.jsonl")], "Playwright", "1.60.0");

function archive(members: readonly ZipMember[]): string {
  const file = path.join(folder, `${Math.random()}.har.zip`);
  writeFileSync(file, zipFile(members));
  return file;
}

function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was refused",
    (error: unknown) => {
      expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
      return (error as Error).message;
    },
  );
}

describe("messages in an archive", () => {
  const members = [
    { name: "har.har", bytes: har },
    { name: "guid.jsonl", bytes: Buffer.from(messages) },
  ];

  test("are read, from a file and from bytes", async () => {
    for (const source of [archive(members), zipFile(members)]) {
      const { header, lines } = await imported(source);
      expect(header["importedFrom"]).toBe("Playwright 1.60.0");
      expect(lines.slice(1)).toEqual([
        { t: 100, k: "in", op: 1, data: "a" },
        { t: 200, k: "in", op: 2, b64: "AAEC" },
        { t: 200, k: "end", in: 2, out: 0 },
      ]);
    }
  });

  test("their number is not known beforehand", async () => {
    const file = await openHar(archive(members));
    expect(socketsOf(file)[0]).toMatchObject({ status: 101, messages: undefined });
    file.close();
  });

  test("the HAR may be called otherwise, if there is just one", async () => {
    const file = archive([{ name: "page.har", bytes: har }, members[1]!]);
    expect((await imported(file)).lines).toHaveLength(4);
    const two = archive([
      { name: "a.har", bytes: har },
      { name: "b.har", bytes: har },
    ]);
    expect(await refusal(openHar(two))).toContain("several .har files");
    expect(await refusal(openHar(zipFile([members[1]!])))).toContain("no .har file");
  });

  test("a malformed line is an error that names it, or is left out", async () => {
    const broken = [members[0]!, { name: "guid.jsonl", bytes: Buffer.from(`${messages}{"ty\n`) }];
    const error: unknown = await imported(archive(broken)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "WSCTL_EUSAGE", where: ["guid.jsonl:3"] });
    const { lines, notes } = await imported(archive(broken), { salvage: true });
    expect(lines).toHaveLength(4);
    expect(notes).toEqual(["left out: malformed lines of attached messages: 1"]);
  });

  test("a last line without its end is read too", async () => {
    const bytes = Buffer.from(messages.trimEnd());
    expect(
      (await imported(zipFile([members[0]!, { name: "guid.jsonl", bytes }]))).lines,
    ).toHaveLength(4);
  });
});

describe("hostile archives", () => {
  const good = { name: "har.har", bytes: har };
  const jsonl = { name: "guid.jsonl", bytes: Buffer.from(messages) };

  test.each<[string, ZipMember, ZipMember]>([
    ["a file that says it is smaller", { ...good, claimedSize: 10 }, jsonl],
    ["a file that says it is larger", { ...good, claimedSize: 4_000_000 }, jsonl],
    ["a HAR that would take 3 GiB", { ...good, claimedSize: 3_000_000_000 }, jsonl],
    ["a wrong checksum", good, { ...jsonl, claimedCrc: 1 }],
    ["a name that leads elsewhere", good, { ...jsonl, name: "../guid.jsonl" }],
    ["an absolute name", good, { ...jsonl, name: "/tmp/guid.jsonl" }],
    ["messages that are not there", good, { ...jsonl, name: "other.jsonl" }],
  ])("%s", async (_, ...members) => {
    expect(await refusal(imported(archive(members)))).toMatch(/^the archive cannot be read: /);
  });

  test("a bomb is given up when it passes its claim", async () => {
    const bomb = {
      name: "har.har",
      bytes: Buffer.alloc(64 * 1024 * 1024, 0x20),
      claimedSize: 1000,
    };
    expect(await refusal(openHar(zipFile([bomb])))).toContain("the archive cannot be read");
  });

  test("cut off anywhere, it is refused", async () => {
    const whole = zipFile([good, jsonl]);
    for (let at = 4; at < whole.length; at += 13) {
      expect(await refusal(imported(whole.subarray(0, at)))).not.toContain("nothing was refused");
    }
  });
});

describe("messages in a file beside the HAR", () => {
  const write = (name: string, file: string): string => {
    const place = path.join(folder, name);
    writeFileSync(place, harOf([attachedEntry(file)], "Playwright"));
    return place;
  };
  mkdirSync(path.join(folder, "resources"));
  writeFileSync(path.join(folder, "resources/guid.jsonl"), messages);

  test("are read", async () => {
    const place = write("page.har", "resources/guid.jsonl");
    expect((await imported(place)).lines).toHaveLength(4);
  });

  test("are nowhere else", async () => {
    mkdirSync(path.join(folder, "deep"));
    writeFileSync(path.join(folder, "outside.jsonl"), messages);
    symlinkSync(path.join(folder, "outside.jsonl"), path.join(folder, "deep/link.jsonl"));
    for (const file of ["../outside.jsonl", path.join(folder, "outside.jsonl"), "link.jsonl"]) {
      const place = write("deep/page.har", file);
      expect(await refusal(imported(place))).toContain("outside of the HAR's folder");
    }
    expect(await refusal(imported(write("page.har", "gone.jsonl")))).toContain("no such file");
    symlinkSync("/dev/zero", path.join(folder, "deep/zero.jsonl"));
    expect(await refusal(imported(write("deep/page.har", "zero.jsonl")))).toContain("outside");
  });

  test("cannot be read when the HAR came on stdin", async () => {
    expect(await refusal(imported(har))).toContain("beside the HAR");
  });
});

describe("what is no HAR", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{oops"],
    ["a number", "1"],
    ["no log", "{}"],
    ["no entries", '{"log":{"entries":{}}}'],
    ["half a zlib stream", Buffer.from("789c01", "hex")],
  ])("%s", async (_, text) => {
    expect(await refusal(openHar(Buffer.from(text)))).toMatch(/^this is no HAR: /);
  });

  test("a HAR that is too large is not read to its end", async () => {
    const file = path.join(folder, "large.har");
    writeFileSync(file, "");
    truncateSync(file, 8 * 1024 ** 4);
    expect(await refusal(openHar(file))).toContain("larger than 256 MiB");
  });

  test("an error never quotes the file", async () => {
    expect(await refusal(openHar(Buffer.from('{"log": secret-token')))).not.toContain("secret");
  });
});

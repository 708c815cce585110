import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { run } from "../../src/cli/run.js";
import { textWidth } from "../../src/repl/char-width.js";
import { chromeEntry, harOf, secondsAt } from "../recording/har/samples.js";
import { fakeHost, wsctl } from "./fake-host.js";

const root = mkdtempSync(path.join(tmpdir(), "wsctl-recording-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(root, "case-"));
});

const place = (name: string): string => path.join(folder, name);
const read = (name: string): string => readFileSync(place(name), "utf8");

function write(name: string, content: string | Buffer): string {
  writeFileSync(place(name), content);
  return place(name);
}

const header =
  '{"wsrec":1,"url":"wss://h/chat","startedAt":"2026-11-20T20:00:00.000Z","tool":"t/1","redacted":["cookie"],"novel":1.10}';

const lines = [
  '{"t":4.70,"k":"upgrade","status":101,"target":"/chat","request":[["Host","h"]],"response":[["Sec-WebSocket-Protocol","v2"]]}',
  "# they log in",
  '{"t":12.481,"k":"out","op":1,"data":"{\\"op\\":\\"join\\",\\"pin\\":\\"ab-815\\"}","novel":12345678901234567890}',
  '{"t":13.9,"k":"in","op":1,"data":"{\\"op\\":\\"joined\\"}","wire":9,"rsv1":true}',
  '{"t":250,"k":"in","op":2,"b64":"iVBORw0KGgoAAAANSUhEUgAA","frags":[10,8]}',
  '{"t":20000,"k":"in","op":9,"b64":""}',
  '{"t":31000,"k":"gap","why":"reconnect","attempt":1,"lasted":1000.2}',
  '{"t":40500.5,"k":"mark","text":"after login"}',
  '{"t":50000,"k":"novelty","of":{"a":1}}',
  '{"t":60000,"k":"close","by":"server","code":1001,"reason":"bye"}',
  '{"t":60000.1,"k":"end","in":2,"out":1}',
];

const recording = `${[header, ...lines].join("\n")}\n`;

describe("show", () => {
  test("shows each thing that happened on a line of its own", async () => {
    const { code, stdout, stderr } = await wsctl([
      "recording",
      "show",
      write("a.wsrec", recording),
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      "wss://h/chat",
      "recorded 2026-11-20T20:00:00.000Z by t/1, redacted: cookie",
      "",
      "    0:00.005  upgrade 101  /chat, subprotocol v2",
      '    0:00.012  → text 28 B  {"op":"join","pin":"ab-815"}',
      '    0:00.014  ← text 15 B (compressed to 9 B)  {"op":"joined"}',
      "    0:00.250  ← binary 18 B (2 frames)",
      "              0000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  ·PNG········IHDR",
      "              0010  00 00                                             ··",
      "    0:20.000  ← ping 0 B",
      "    0:31.000  gap: reconnect, attempt 1, 1.00 s",
      "    0:40.501  mark after login",
      '    0:50.000  novelty {"of":{"a":1}}',
      '    1:00.000  closed by the server: 1001 (Going Away), reason "bye"',
      "    1:00.000  end, 2 received, 1 sent",
      "",
    ]);
  });

  const shown = async (...flags: string[]): Promise<string[]> => {
    const { code, stdout } = await wsctl([
      "recording",
      "show",
      write("a.wsrec", recording),
      ...flags,
    ]);
    expect(code).toBe(0);
    return stdout
      .split("\n")
      .slice(3)
      .filter((line) => line !== "");
  };

  test("--filter, --direction, --from and --to choose", async () => {
    expect(await shown("--filter", '$.op == "join"')).toEqual([expect.stringContaining("ab-815")]);
    expect(await shown("--filter", "opcode:ping")).toEqual([expect.stringContaining("ping")]);
    expect(await shown("--filter", "opcode:close")).toEqual([expect.stringContaining("1001")]);
    expect(await shown("--direction", "out")).toHaveLength(1);
    expect(await shown("--direction", "in", "--from", "10s")).toHaveLength(2);
    expect(await shown("--from", "31s", "--to", "41s")).toHaveLength(2);
  });

  test("--limit ends, and says that there is more", async () => {
    const args = ["recording", "show", write("a.wsrec", recording), "--limit", "2"];
    const { stdout, stderr } = await wsctl(args);
    expect(stdout).toContain("joined");
    expect(stdout).not.toContain("binary");
    expect(stderr).toBe("note: there is more: --limit 2\n");
  });

  test("--pretty lays JSON out", async () => {
    const all = await shown("--pretty", "--filter", "joined");
    expect(all.slice(1).map((line) => line.trim())).toEqual(["{", '"op": "joined"', "}"]);
  });

  test("several are shown one after the other, and those of a directory", async () => {
    const short = `${header}\n{"t":1,"k":"mark","text":"of b"}\n`;
    write("a.wsrec", recording);
    write("b.wsrec", short);
    write("empty.wsrec", "");
    write("notes.txt", "none");
    for (const names of [["a.wsrec", "b.wsrec"].map(place), [folder]]) {
      const { code, stdout, stderr } = await wsctl(["recording", "show", ...names]);
      expect([code, stderr]).toEqual([0, ""]);
      const [first = "", second = ""] = stdout.split("\n\n#2 ");
      expect(first).toMatch(new RegExp(`^#1 ${place("a.wsrec")}\nwss://h/chat\n`));
      expect(first).toContain("after login");
      expect(second).toMatch(/b\.wsrec\nwss:\/\/h\/chat\n[^]*mark of b\n$/);
    }
    const json = await wsctl(["recording", "show", folder, "--json", "--limit", "1"]);
    const events = json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(events[0]).toMatchObject({ event: "start", recording: 1, file: place("a.wsrec") });
    expect(events[2]).toMatchObject({ event: "message", recording: 1 });
    expect(json.stderr).toBe("note: there is more: --limit 1\n");
  });

  test("several are merged in the order of time", async () => {
    const one = (startedAt: string, ...marks: number[]): string =>
      [
        `{"wsrec":1,"url":"ws://h/","startedAt":"2026-01-01T00:00:${startedAt}Z","tool":"","redacted":[]}`,
        ...marks.map((t) => `{"t":${t},"k":"mark","text":"m${t}"}`),
        "",
      ].join("\n");
    write("a.wsrec", one("10", 1000, 9000));
    write("b.wsrec", one("12", 0, 8000));
    const { stdout } = await wsctl(["recording", "show", folder, "--merge"]);
    expect(stdout.split("\n").filter((line) => line.includes("mark"))).toEqual([
      "    0:01.000  #1 mark m1000",
      "    0:02.000  #2 mark m0",
      "    0:09.000  #1 mark m9000",
      "    0:10.000  #2 mark m8000",
    ]);
    // Its clock is that of what counts, whoever asks.
    const json = await wsctl(["recording", "show", folder, "--merge", "--json"]);
    const times = json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; time: number; recording: number })
      .filter(({ event }) => event === "mark")
      .map((event) => [event.time, event.recording]);
    expect(times).toEqual([
      [1000, 1],
      [2000, 2],
      [9000, 1],
      [10_000, 2],
    ]);
    const within = await wsctl([
      "recording",
      "show",
      folder,
      "--merge",
      "--json",
      "--from=2s",
      "--to=9s",
    ]);
    expect(within.stdout.match(/"time":\d+/g)).toEqual(['"time":2000', '"time":9000']);
  });

  test("of a directory, plain files; what is none is left out, and what may not be read is said", async () => {
    write("a.wsrec", recording);
    symlinkSync(place("gone"), place("b.wsrec"));
    mkdirSync(place("c.wsrec"));
    const { code, stdout, stderr } = await wsctl(["recording", "show", folder]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("after login");
    // A link to itself leads nowhere, and is not gone.
    symlinkSync(place("d.wsrec"), place("d.wsrec"));
    const refused = await wsctl(["recording", "show", folder]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/cannot read .*d\.wsrec/);
    expect(refused.stderr).not.toContain("bug of wsctl");
  });

  test("what was said in a message's place stands behind the mark", async () => {
    const mark = '{"t":1,"k":"mark","text":"rule 1: edited"';
    const file = write(
      "a.wsrec",
      `${[
        header,
        String.raw`${mark},"op":1,"data":"{\"a\":\"\u001b\"}"}`,
        `${mark},"op":2,"b64":"${Buffer.alloc(100, 255).toString("base64")}"}`,
        `${mark},"op":8,"b64":"${Buffer.from("\x0f\xa1not yet", "latin1").toString("base64")}"}`,
        `${mark},"op":1,"data":"${"x".repeat(2000)}"}`,
      ].join("\n")}\n`,
    );
    const { stdout } = await wsctl(["recording", "show", file]);
    const said = stdout.split("\n").slice(3);
    expect(said).toEqual([
      '    0:00.001  mark rule 1: edited, sent instead: {"a":"␛"}  text 9 B',
      expect.stringMatching(/, sent instead: hex (ff){64} … more: --full {2}binary 100 B$/),
      expect.stringMatching(/, sent instead: close 4001 .*not yet/),
      expect.stringMatching(/, sent instead: x{1000} … more: --full {2}text 1\.95 KiB$/),
      "",
    ]);
    const json = await wsctl(["recording", "show", file, "--json", "--limit", "9"]);
    expect(JSON.parse(json.stdout.split("\n")[1]!)).toEqual({
      event: "mark",
      time: 1,
      line: 2,
      text: "rule 1: edited",
      opcode: 1,
      type: "text",
      size: 9,
      data: '{"a":"\u001b"}',
    });
    write("b.wsrec", `${header}\n${mark},"op":1}\n`);
    const broken = await wsctl(["recording", "show", place("b.wsrec")]);
    expect(broken.stderr).toContain('one of "data" and "b64"');
  });

  test("lines are cut at the width of a terminal, and nowhere else", async () => {
    const long = JSON.stringify({ text: "界".repeat(200) });
    const line = `{"t":1,"k":"in","op":1,"data":${JSON.stringify(long)}}`;
    const file = write("a.wsrec", `${header}\n${line}\n`);
    const at = async (columns: number | undefined, ...flags: string[]): Promise<string> => {
      const host = fakeHost(["recording", "show", file, ...flags], {
        stdoutTTY: columns !== undefined,
      });
      Object.assign(host.stdout, { columns });
      expect(await run(host)).toBe(0);
      return host.stdout.text.split("\n").find((text) => text.includes("←")) ?? "";
    };
    expect(await at(undefined)).toContain(long);
    const cut = await at(50);
    expect(textWidth(cut)).toBeLessThanOrEqual(50);
    expect(textWidth(cut)).toBeGreaterThan(47);
    expect(stripVTControlCharacters(cut)).toMatch(/界…$/);
    // A terminal that tells no width has one all the same, and none is too narrow to say anything.
    expect(await at(0)).toContain(long);
    expect(textWidth(await at(3))).toBe(20);
    for (const flag of ["--wide", "--full"])
      expect(stripVTControlCharacters(await at(50, flag))).toContain(long);
  });

  test("--json has an event a line", async () => {
    const file = write("a.wsrec", recording);
    const { stdout } = await wsctl(["recording", "show", file, "--json"]);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(events[0]).toMatchObject({ event: "start", version: 1, url: "wss://h/chat" });
    expect(events[2]).toMatchObject({
      event: "message",
      time: 12.481,
      line: 4,
      direction: "out",
      opcode: 1,
      type: "text",
      size: 28,
    });
    expect(events.map((event) => (event as { event: string }).event)).toEqual([
      "start",
      "upgrade",
      "message",
      "message",
      "message",
      "frame",
      "gap",
      "mark",
      "novelty",
      "close",
      "end",
    ]);
  });

  test("what the other side said obeys nothing", async () => {
    const hostile = "\u001b]52;c;AAAA\u0007\u202e\u009b2J\u007f";
    const text = JSON.stringify(hostile);
    const file = write(
      "h.wsrec",
      [
        `{"wsrec":1,"url":${text},"startedAt":"2026-11-20T20:00:00Z","tool":${text},"redacted":[${text}]}`,
        `{"t":0,"k":"upgrade","status":101,"target":${text},"request":[[${text},${text}]],"response":[["sec-websocket-protocol",${text}]]}`,
        `{"t":1,"k":"in","op":1,"data":${text}}`,
        `{"t":1,"k":"in","op":9,"data":${text}}`,
        `{"t":1,"k":"in","op":1,"data":${JSON.stringify(`{"${hostile.slice(1, 3)}":${text}}`)}}`,
        `{"t":1,"k":"gap","why":${text}}`,
        `{"t":1,"k":"mark","text":${text}}`,
        `{"t":1,"k":${text},"x":${text}}`,
        `{"t":2,"k":"close","by":"server","code":1000,"reason":${text}}`,
      ].join("\n"),
    );
    const commands = [
      ["show", file],
      ["show", file, "--pretty", "--headers", "--full"],
      ["show", file, "--json"],
      ["stats", file],
      ["stats", file, "--json"],
    ];
    for (const args of commands) {
      const { code, stdout } = await wsctl(["recording", ...args]);
      expect(code).toBe(0);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  test("a long payload is cut unless all of it is asked for", async () => {
    const data = "x".repeat(5000);
    const file = write("l.wsrec", `${header}\n{"t":1,"k":"in","op":1,"data":"${data}"}\n`);
    const cut = await wsctl(["recording", "show", file]);
    expect(cut.stdout).toContain("… more: --full");
    expect(cut.stdout).not.toContain(data);
    expect((await wsctl(["recording", "show", file, "--full"])).stdout).toContain(data);
  });

  test("a torn last line is told of, a malformed one is an error with its place", async () => {
    const torn = await wsctl(["recording", "show", write("t.wsrec", recording.slice(0, -20))]);
    expect(torn.code).toBe(0);
    expect(torn.stderr).toMatch(/^note: .*t\.wsrec:12: .*cut off\n$/);
    const bad = write("b.wsrec", recording.replace('"op":9', '"op":"nine"'));
    const refused = await wsctl(["recording", "show", bad]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/b\.wsrec:7\n/);
    expect(refused.stderr).toContain("--salvage");
    const salvaged = await wsctl(["recording", "show", bad, "--salvage"]);
    expect(salvaged.code).toBe(0);
    expect(salvaged.stdout).toContain("after login");
    expect(salvaged.stderr).toMatch(/b\.wsrec:7: left out/);
  });

  test.each([
    [["show", "gone.wsrec"], 2, "cannot read"],
    [["show", tmpdir()], 2, "no recording in"],
    [["show", "a.wsrec", "--filter", "$["], 2, "not a"],
    [["show", "a.wsrec", "--from", "5"], 2, "--from"],
    [["show", "a.wsrec", "--from", "5s", "--to", "4s"], 2, "--from 5.00 s is after --to 4.00 s"],
    [["show", "a.wsrec", "--limit", "-1"], 2, '"-1" is not a number from 0 on'],
    [["show", "a.wsrec", "--entry", "0"], 2, "--entry"],
    [["show", "a.wsrec", "--entry", "2"], 2, "no entry 2"],
  ])("%j is refused", async (args, code, said) => {
    write("a.wsrec", recording);
    const ran = await wsctl([
      "recording",
      ...args.map((arg) => (arg === "a.wsrec" ? place(arg) : arg)),
    ]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(said);
  });
});

describe("stats", () => {
  test("tells of both sides in a table", async () => {
    const { code, stdout } = await wsctl(["recording", "stats", write("a.wsrec", recording)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^text messages +1 +1$/m);
    expect(stdout).toMatch(/^binary messages +1 +0$/m);
    expect(stdout).toMatch(/^in several frames +1 +0$/m);
    expect(stdout).toMatch(/^closed by +the server: 1001 \(Going Away\), reason "bye"$/m);
    expect(stdout).toMatch(/^gaps: reconnect +1, 1\.00 s$/m);
    expect(stdout).not.toContain("in good order");
  });

  test("and as JSON", async () => {
    const { stdout } = await wsctl(["recording", "stats", write("a.wsrec", recording), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: "wsctl.recording-stats/1",
      received: { messages: 2, text: 1, binary: 1, pings: 1, smallest: 15 },
      sent: { messages: 1, smallest: 28, largest: 28 },
      gaps: [{ why: "reconnect", count: 1, missed: 0, lasted: 1000.2 }],
      unknown: [{ kind: "novelty", count: 1 }],
      close: { by: "server", code: 1001, reason: "bye" },
      ended: true,
    });
  });

  test("of an empty recording", async () => {
    const file = write("e.wsrec", `${header}\n`);
    const { code, stdout } = await wsctl(["recording", "stats", file]);
    expect(code).toBe(0);
    expect(stdout).toContain("not in good order");
    expect((await wsctl(["recording", "stats", file, "--json"])).stdout).toContain('"last":null');
  });
});

describe("redact", () => {
  test("keeps every byte that is no secret's", async () => {
    const file = write("a.wsrec", recording);
    const args = ["recording", "redact", file, "-o", place("b.wsrec"), "--redact", "$.pin"];
    const { code, stderr } = await wsctl(args);
    expect(code).toBe(0);
    const [first, ...rest] = read("b.wsrec").trimEnd().split("\n");
    expect(JSON.parse(first!)).toMatchObject({ redacted: ["cookie", "$.pin"], novel: 1.1 });
    const expected = lines.map((line) =>
      line.replace("ab-815", "[redacted]").replace(/(12345678901234567890)/, '$1,"redacted":true'),
    );
    expect(rest).toEqual(expected);
    expect(stderr).toBe("note: lines in which something was hidden: 1: $.pin\n");
    expect(read("a.wsrec")).toBe(recording);
    expect(statSync(place("b.wsrec")).mode & 0o777).toBe(0o600);
  });

  test("hides what a later upgrade makes a secret", async () => {
    const token = "canary-7d1f";
    const file = write(
      "a.wsrec",
      [
        header,
        `{"t":1,"k":"in","op":1,"data":"{\\"next\\":\\"${token}\\"}"}`,
        `{"t":2,"k":"upgrade","status":101,"target":"/?token=${token}","request":[["Authorization","Bearer ${token}"]],"response":[]}`,
        `{"t":3,"k":"in","op":2,"b64":"${Buffer.from(`..${token}`).toString("base64")}"}`,
        `# ${token}`,
        `{"t":3,"k":"novel","x":["${token}"]}`,
        "",
      ].join("\n"),
    );
    await wsctl(["recording", "redact", file, "-o", place("b.wsrec")]);
    const text = read("b.wsrec");
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString("base64").slice(0, 10));
    expect(JSON.parse(text.split("\n")[0]!)).toMatchObject({
      redacted: expect.arrayContaining(["cookie", "authorization", "token"]) as string[],
    });
  });

  test("--in-place replaces the file at once, keeps its mode, and follows links", async () => {
    const file = write("a.wsrec", recording);
    chmodSync(file, 0o640);
    symlinkSync(file, place("link.wsrec"));
    const args = ["recording", "redact", place("link.wsrec"), "--in-place", "--redact", "$.pin"];
    expect((await wsctl(args)).code).toBe(0);
    expect(read("a.wsrec")).not.toContain("ab-815");
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).toSorted()).toEqual(["a.wsrec", "link.wsrec"]);
  });

  test("what fails leaves the file as it was, and nothing beside it", async () => {
    const broken = recording.replace('"op":9', '"op":"nine"');
    const file = write("a.wsrec", broken);
    const args = ["recording", "redact", file, "--in-place", "--redact", "$.pin"];
    expect((await wsctl(args)).code).toBe(2);
    expect(read("a.wsrec")).toBe(broken);
    expect(readdirSync(folder)).toEqual(["a.wsrec"]);
  });

  test("a link is no way around what is there, nor to another place", async () => {
    write("a.wsrec", recording);
    write("precious.wsrec", "precious");
    symlinkSync(place("precious.wsrec"), place("link.wsrec"));
    symlinkSync(place("nowhere.wsrec"), place("dangling.wsrec"));
    for (const [name, why] of [
      ["link.wsrec", "there already"],
      ["dangling.wsrec", "leads nowhere"],
    ] as const) {
      const args = ["recording", "redact", place("a.wsrec"), "-o", place(name)];
      expect(await wsctl(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
    }
    expect(read("precious.wsrec")).toBe("precious");
    const forced = ["recording", "redact", place("a.wsrec"), "-o", place("link.wsrec"), "--force"];
    expect((await wsctl(forced)).code).toBe(0);
    expect(read("precious.wsrec")).toContain('"wsrec"');
  });

  test("what the disk has lost does not replace the file", async () => {
    const file = write("a.wsrec", recording);
    const handle = await open(file);
    const ofFiles = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const refusal = Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });
    const sync = vi.spyOn(ofFiles, "sync").mockRejectedValue(refusal);
    const { code, stderr } = await wsctl(["recording", "redact", file, "--in-place"]);
    sync.mockRestore();
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("the disk is broken"),
    });
    expect(read("a.wsrec")).toBe(recording);
    expect(readdirSync(folder)).toEqual(["a.wsrec"]);
  });

  test("what is nested too deeply is an error with its place", async () => {
    const deep = `{"t":1,"k":"x","d":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const file = write("a.wsrec", `${header}\n${deep}\n`);
    for (const what of ["show", "redact"]) {
      const output = what === "redact" ? ["-o", "-"] : [];
      const { code, stderr } = await wsctl(["recording", what, file, ...output]);
      expect(code).toBe(2);
      expect(stderr).toContain("a.wsrec:2");
    }
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s leaves nothing behind, though there is more to come", async (signal, exit) => {
    const stdin = new Readable({ read: () => {} });
    const host = fakeHost(["recording", "redact", "-", "-o", place("b.wsrec")]);
    const ran = run({ ...host, stdin });
    stdin.push(`${header}\n${lines[0]}\n`);
    await expect.poll(() => readdirSync(folder).length, { timeout: 10_000 }).toBe(1);
    host.signal(signal);
    expect(await ran).toBe(exit);
    expect(readdirSync(folder)).toEqual([]);
    expect(host.listeners()).toBe(0);
  });

  test.each([
    [["a.wsrec"], "where to write"],
    [["a.wsrec", "-o", "a.wsrec"], "there already"],
    [["a.wsrec", "-o", "-", "--in-place"], "two places"],
    [["-", "--in-place"], "in place"],
    [["a.wsrec", "-o", "b.wsrec", "--redact", "pin"], "not a pattern"],
    [["a.wsrec", "-o", "none/b.wsrec"], "cannot write"],
  ])("%j is refused", async (args, said) => {
    write("a.wsrec", recording);
    const places = args.map((arg) => (arg.includes(".wsrec") ? place(arg) : arg));
    const { code, stderr } = await wsctl(["recording", "redact", ...places]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(readdirSync(folder)).toEqual(["a.wsrec"]);
  });
});

describe("convert", () => {
  const rows = [
    { type: "send", time: secondsAt(20), opcode: 1, data: "hello, canary-cookie" },
    { type: "error", time: secondsAt(21), opcode: -1, data: "\u001b[2J" },
  ];
  const secret = { name: "Cookie", value: "sid=canary-cookie" };
  const request = {
    method: "GET",
    url: "wss://u:canary-pw@h/?token=canary-url",
    headers: [secret],
  };
  const har = harOf([chromeEntry(rows, { request }), chromeEntry(rows.slice(0, 1))]);

  test("a recording to HAR and back is the same recording, but for what is told", async () => {
    write("a.wsrec", recording);
    const there = await wsctl(["recording", "convert", place("a.wsrec"), "-o", place("a.har")]);
    expect(there.code).toBe(0);
    expect(there.stderr.split("\n")).toEqual([
      "note: lost, because a HAR has no place for them: comments: 1",
      "note: only for wsctl, in _wsctl… fields: bytes of messages on the wire: 2, gaps: 1, marks: 1, lines of unknown kinds: 1",
      "",
    ]);
    const back = await wsctl(["recording", "convert", place("a.har"), "-o", place("b.wsrec")]);
    expect(back).toMatchObject({ code: 0, stderr: "" });
    const meant = (text: string): unknown[] =>
      text
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("#"))
        .map((line) => JSON.parse(line) as unknown);
    expect(meant(read("b.wsrec"))).toEqual(meant(recording));
  });

  test("several WebSockets: a list to choose from, without its secrets", async () => {
    const file = write("page.har", har);
    const refused = await wsctl(["recording", "convert", file, "-o", place("b.wsrec")]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("holds 2 WebSockets");
    expect(refused.stderr).toMatch(
      /^ +2 {2}wss:\/\/app\.example\/chat\?room=1 .*, 101, 1 message$/m,
    );
    expect(refused.stderr).toContain("--entry N");
    expect(refused.stderr).not.toContain("canary");
    const third = await wsctl(["recording", "show", file, "--entry", "3"]);
    expect(third).toMatchObject({ code: 2, stdout: "" });
    const args = ["recording", "convert", file, "--entry", "2", "-o", place("b.wsrec")];
    expect((await wsctl(args)).code).toBe(0);
    expect(read("b.wsrec")).toContain("wss://app.example/chat?room=1");
  });

  test("the secrets of a HAR get into no recording, nor onto a terminal", async () => {
    const file = write("page.har", har);
    const ran = await wsctl(["recording", "convert", file, "--entry", "1", "-o", place("b.wsrec")]);
    expect(ran.code).toBe(0);
    expect(read("b.wsrec")).not.toContain("canary");
    expect(ran.stderr).toContain("left out: error rows: 1");
    expect(ran.stderr).not.toContain("\u001b");
    expect(JSON.parse(read("b.wsrec").split("\n")[0]!)).toMatchObject({
      redacted: expect.arrayContaining(["cookie", "token"]) as string[],
    });
    for (const flags of [[], ["--json"], ["--headers"]]) {
      const { stdout } = await wsctl(["recording", "show", file, "--entry", "1", ...flags]);
      expect(stdout).not.toContain("canary");
    }
  });

  test("several recordings become the entries of one HAR", async () => {
    const files = [write("a.wsrec", recording), write("b.wsrec", `${header}\n`)];
    const { code, stdout } = await wsctl([
      "recording",
      "convert",
      ...files,
      "--to",
      "har",
      "-o",
      "-",
    ]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { log: { entries: unknown[] } }).log.entries).toHaveLength(2);
  });

  test("--redact takes out of payloads, in both directions", async () => {
    const file = write("a.wsrec", recording);
    const args = ["recording", "convert", file, "-o", place("a.har"), "--redact", "$.pin"];
    expect((await wsctl(args)).code).toBe(0);
    expect(read("a.har")).not.toContain("ab-815");
  });

  test("--salvage writes what is good", async () => {
    const file = write("a.wsrec", recording.replace('"op":9', '"op":"nine"').slice(0, -20));
    const args = ["recording", "convert", file, "-o", place("b.wsrec"), "--salvage"];
    const { code, stderr } = await wsctl(args);
    expect(code).toBe(0);
    expect(stderr.match(/left out/g)).toHaveLength(2);
    expect((await wsctl(["recording", "stats", place("b.wsrec")])).code).toBe(0);
  });

  test.each([
    [["a.wsrec", "-o", "b.txt"], "what to write is not said"],
    [["a.wsrec", "a.wsrec", "-o", "b.wsrec"], "one socket's"],
    [["a.wsrec"], "-o, --output"],
    [["page.har", "--entry", "9", "-o", "b.wsrec"], "no entry 9"],
    [["none.har", "-o", "b.wsrec"], "holds no WebSocket"],
    [["a.wsrec", "-o", "page.har"], "there already"],
  ])("%j is refused", async (args, said) => {
    write("a.wsrec", recording);
    write("page.har", har);
    write("none.har", harOf([]));
    const places = args.map((arg) => (/\.\w+$/.test(arg) ? place(arg) : arg));
    const { code, stderr } = await wsctl(["recording", "convert", ...places]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(readdirSync(folder).toSorted()).toEqual(["a.wsrec", "none.har", "page.har"]);
  });

  test("what a HAR says of errors is told without its secrets", async () => {
    const error = { type: "error", time: -1, opcode: -1, data: "no: token=S3CRET-tok1" };
    const entry = chromeEntry([error]) as { request: { url: string } };
    entry.request.url = "wss://app.example/?token=S3CRET-tok1";
    const file = write("page.har", harOf([entry]));
    const { code, stderr } = await wsctl(["recording", "convert", file, "-o", place("b.wsrec")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("error rows") });
    expect(stderr).not.toContain("S3CRET");
  });

  test("--force replaces", async () => {
    write("a.wsrec", recording);
    write("b.har", "old");
    const args = ["recording", "convert", place("a.wsrec"), "-o", place("b.har"), "--force"];
    expect((await wsctl(args)).code).toBe(0);
    expect(read("b.har")).toContain('"log"');
  });
});

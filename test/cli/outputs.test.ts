/** Shows how `-o kind=path` is read, and that files are written whole or not at all. */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { servePage } from "../../src/cli/outputs/metrics-page.js";
import { checkWritable, writeWhole } from "../../src/cli/outputs/output-file.js";
import { outputSpecs } from "../../src/cli/outputs/output-spec.js";

const choice = { kinds: ["text", "json", "prometheus"], pages: ["prometheus"] } as const;

function destinationOf(text: string): unknown {
  return outputSpecs([text], choice)[0]?.destination;
}

describe("-o kind=path", () => {
  test.each<[string, unknown]>([
    ["json=run.json", { to: "file", path: "run.json" }],
    ["json=a=b.json", { to: "file", path: "a=b.json" }],
    ["json=./9464", { to: "file", path: "./9464" }],
    ["json=-", { to: "stdout" }],
    ["json", { to: "stdout" }],
    ["prometheus=:9464", { to: "page", host: "127.0.0.1", port: 9464 }],
    ["prometheus=:0", { to: "page", host: "127.0.0.1", port: 0 }],
    ["prometheus=0.0.0.0:9464", { to: "page", host: "0.0.0.0", port: 9464 }],
    ["prometheus=localhost:9464", { to: "page", host: "localhost", port: 9464 }],
    ["prometheus=[::1]:9464", { to: "page", host: "::1", port: 9464 }],
    ["prometheus=run.prom", { to: "file", path: "run.prom" }],
    ["prometheus=a/b:9464", { to: "file", path: "a/b:9464" }],
  ])("%s", (text, destination) => {
    expect(destinationOf(text)).toEqual(destination);
  });

  test.each<[string, RegExp, RegExp]>([
    ["jsn=run.json", /no output "jsn"/, /did you mean json\?/],
    ["run.json", /no output "run\.json"/, /-o json=run\.json/],
    ["frobnicate=x", /no output "frobnicate"/, /there are text, json, prometheus/],
    ["=x", /no output ""/, /there are/],
    ["json=", /-o json= names no file/, /-o json=FILE/],
    ["json=:9464", /json cannot be served/, /-o prometheus=:9464/],
    ["prometheus=:65536", /from 0 to 65535/, /./],
    ["\u001b[2J=x", /no output "␛\[2J"/, /./],
  ])("%j is refused, with what to do", (text, message, hint) => {
    expect(() => outputSpecs([text], choice)).toThrow(
      expect.objectContaining({
        code: "WSCTL_EUSAGE",
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      }),
    );
  });

  test("two outputs never share a place", () => {
    expect(() => outputSpecs(["json", "text=-"], choice)).toThrow(/both go to stdout/);
    expect(() => outputSpecs(["json=a", "text=a"], choice)).toThrow(/the same place/);
    expect(outputSpecs(["json=a", "json=b", "text"], choice)).toHaveLength(3);
  });
});

describe("a file", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "wsctl-outputs-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => path.join(folder, name);

  test("is refused before it is needed: where there is no folder, and in a folder's place", () => {
    expect(() => checkWritable(file("none/run.json"))).toThrow(/there is no directory/);
    expect(() => checkWritable(folder)).toThrow(/it is a directory/);
    writeFileSync(file("plain"), "");
    expect(() => checkWritable(file("plain/run.json"))).toThrow(/there is no directory/);
    checkWritable(file("run.json"));
    checkWritable("/dev/null");
    expect(readdirSync(folder)).toEqual(["plain"]);
  });

  test("is replaced as a whole, and leaves nothing beside it", () => {
    writeWhole(file("run.json"), "one");
    writeWhole(file("run.json"), "two");
    expect(readFileSync(file("run.json"), "utf8")).toBe("two");
    expect(readdirSync(folder)).toEqual(["run.json"]);
  });

  test("that a link leads to is written through it", () => {
    writeFileSync(file("real"), "old");
    symlinkSync(file("real"), file("link"));
    writeWhole(file("link"), "new");
    expect(readFileSync(file("real"), "utf8")).toBe("new");
  });

  test("that cannot be written is an error with its name", () => {
    expect(() => writeWhole(file("none/run.json"), "x")).toThrow(
      expect.objectContaining({
        code: "WSCTL_EUSAGE",
        message: expect.stringMatching(/ENOENT/) as string,
      }),
    );
  });
});

describe("the page", () => {
  test("gives what is rendered at that moment at /metrics, and nothing elsewhere", async () => {
    let scrapes = 0;
    const page = await servePage({ host: "127.0.0.1", port: 0 }, "prometheus=:0", () => {
      scrapes++;
      return `scrapes ${scrapes}\n`;
    });
    try {
      const first = await fetch(page.url);
      expect([first.status, await first.text()]).toEqual([200, "scrapes 1\n"]);
      expect(first.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(await (await fetch(`${page.url}?x=1`)).text()).toBe("scrapes 2\n");
      expect((await fetch(new URL("/", page.url))).status).toBe(404);
      expect((await fetch(page.url, { method: "POST", body: "x" })).status).toBe(405);
      expect(scrapes).toBe(2);
    } finally {
      page.close();
    }
    await expect(fetch(page.url)).rejects.toThrow();
  });

  test("says when its port is taken", async () => {
    const place = { host: "127.0.0.1", port: 0 };
    const page = await servePage(place, "prometheus=:0", () => "");
    try {
      const { port } = new URL(page.url);
      await expect(
        servePage({ ...place, port: Number(port) }, `prometheus=:${port}`, () => ""),
      ).rejects.toMatchObject({ code: "WSCTL_ELISTEN", message: /EADDRINUSE/ });
    } finally {
      page.close();
    }
  });
});

/**
 * Shows that one recording has five uses: what a person did in a page, through the proxy, is read,
 * replayed, played to the same page without its server, made a load scenario, and exported as a HAR.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pageFor } from "../../src/serve/page.js";
import { requireChromium, startBrowser } from "../support/browser.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { loadJson, startServe, total, wrongWith } from "./load-run.js";
import { connect, startProxy } from "./proxy-run.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-five-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the person types. */
const words = ["hello, wörld 👋", 'a "quoted" \\ line', "<b>no markup</b>"];

/**
 * What no two servers say alike: when something was said, and what the server is called, which is
 * drawn when it starts. All else is compared: numbers, names, texts, members and their order.
 */
const byNature = ["--ignore", "$..at", "--ignore", "$..node"];

/** What the page shows of a conversation: names, texts, times, sequence numbers and notes. */
interface Shown {
  readonly log: string;
  readonly bubbles: readonly string[];
  readonly people: string;
  readonly node: string;
}

/** Joins and says all words, each when the one before it is there. */
async function converse(page: Page): Promise<Shown> {
  page.setDefaultTimeout(12_000);
  await page.fill("#name", "ada");
  await page.click("#join button");
  await page.locator("#inside").waitFor();
  for (const text of words) {
    await page.fill("#text", text);
    await page.press("#text", "Enter");
    await page.locator(".bubble", { hasText: text }).waitFor();
  }
  return {
    log: await page.locator("#log").innerText(),
    bubbles: await page.locator(".bubble").allInnerTexts(),
    people: await page.locator("#people").innerText(),
    node: await page.locator("#node").innerText(),
  };
}

/** A page of the browser, and what went wrong in it. */
async function pageIn(browser: Browser): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return { page, complaints };
}

const canRun = requireChromium();

describe.skipIf(!canRun)("one recording of a page in Chromium", { timeout: 40_000 }, () => {
  let browser: Browser;
  let file = "";
  let shown: Shown;

  beforeAll(async () => {
    const directory = path.join(folder, "talks");
    await using server = await startServe(["chat"]);
    const [proxy, started] = await Promise.all([
      startProxy(["--target", server.url, "--record", directory]),
      startBrowser(),
    ]);
    browser = started;
    const { page, complaints } = await pageIn(browser);
    await page.goto(proxy.listening.url.replace(/^ws/, "http"));
    shown = await converse(page);
    expect(complaints).toEqual([]);
    await page.close();
    expect(await proxy.stop()).toMatchObject({ code: 0, stderr: "" });
    const files = readdirSync(directory);
    expect(files).toHaveLength(1);
    file = path.join(directory, files[0]!);
  }, 40_000);

  test("is read: all that the page showed stands in it", async () => {
    expect(shown.bubbles).toEqual(words);
    const { code, stdout, stderr } = await runWsctl(["recording", "show", file, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const events = stdout.trimEnd().split("\n");
    const said = events.flatMap((line) => {
      const { event, direction, data } = JSON.parse(line) as Record<string, string>;
      return event === "message" ? [[direction, JSON.parse(data!) as unknown] as const] : [];
    });
    const texts = (way: string, op: string): unknown[] =>
      said.flatMap(([direction, message]) => {
        const { op: what, text } = message as Record<string, unknown>;
        return direction === way && what === op ? [text] : [];
      });
    expect([texts("out", "say"), texts("in", "said")]).toEqual([words, words]);
    const plain = await runWsctl(["recording", "show", file]);
    expect(plain.stdout).toContain("hello, wörld");
  });

  test("is replayed: a fresh server answers as it did then, a changed one does not", async () => {
    await using fresh = await startServe(["chat"]);
    const same = await runWsctl(["replay", file, fresh.url, "--pace", "gated", ...byNature]);
    expect([same.code, same.stdout]).toEqual([0, expect.stringContaining("all came as recorded")]);
    // One that has forgotten how to keep what was said.
    await using changed = await startServe(["chat", "--history", "0"]);
    const other = await runWsctl(["replay", file, changed.url, "--pace", "gated", ...byNature]);
    expect([other.code, other.stdout]).toEqual([6, expect.stringContaining("$.messages")]);
  });

  test("is played to the same page, which shows the same without a server", async () => {
    await using mock = startWsctl([
      "replay",
      file,
      "--as",
      "server",
      "--port",
      "0",
      "--json",
      "--strict",
      "--pace",
      "asap",
    ]);
    const { url } = JSON.parse((await mock.nextLine())!) as { url: string };
    const origin = url.replace(/^ws/, "http");
    const { page, complaints } = await pageIn(browser);
    // Its document alone: the mock speaks nothing but WebSocket.
    const { html, headers } = pageFor("chat")!;
    await page.route(origin, (route) =>
      route.fulfill({ body: html, headers: { ...headers, "content-type": "text/html" } }),
    );
    // To Chromium a document that came from no address is a stranger to this machine.
    await page.context().grantPermissions(["local-network-access"], { origin });
    await page.goto(origin);
    // The times and the name of the server too: they are those of the recording.
    expect(await converse(page)).toEqual(shown);
    expect(complaints).toEqual([]);
    await page.close();
    mock.kill("SIGINT");
    // With --strict, 6 if the page had said anything else than then.
    expect(await mock.exit).toMatchObject({ code: 0, stderr: "" });
  });

  test("becomes a scenario, with which 100 connections load a fresh server", async () => {
    const scenario = path.join(folder, "chat.yaml");
    // However long a person took to type on a busy machine.
    const hurried = ["--idle-cap", "100ms"];
    const made = await runWsctl(["scenario", "from-recording", file, "-o", scenario, ...hurried]);
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining("wrote") as string]);
    await using fresh = await startServe(["chat"]);
    const run = [scenario, fresh.url, "-c", "100", "-d", "2s"];
    const { result, code, stderr } = await loadJson(run);
    const failed = Object.keys(result.totals).filter((key) => /fail|timeout|error/i.test(key));
    expect(failed, stderr).toEqual([]);
    expect(total(result, "ws_msgs_sent")).toBeGreaterThan(100);
    // Valid, but for what a busy machine does to the pacing.
    expect(wrongWith(result)).toEqual([]);
    expect(code).toBe(result.validity.ok ? 0 : 98);
  });

  test("is exported as a HAR, and comes back as it was", async () => {
    const har = path.join(folder, "chat.har");
    const back = path.join(folder, "back.wsrec");
    const there = await runWsctl(["recording", "convert", file, "-o", har]);
    expect(there.code, there.stderr).toBe(0);
    const { log } = JSON.parse(readFileSync(har, "utf8")) as {
      log: { entries: { _webSocketMessages: unknown[] }[] };
    };
    expect(log.entries).toHaveLength(1);
    const again = await runWsctl(["recording", "convert", har, "-o", back]);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(readFileSync(back, "utf8")).toBe(readFileSync(file, "utf8"));
  });
});

/** Secrets by where they are said, with what has to be escaped in JSON, in URLs and in base64. */
const secrets = {
  bearer: "c4n4ry-bearer/+~Zq7==",
  cookie: "c4n4ry-cookie/+~Zq7",
  parameter: "c4n4ry-parameter&/+ Zq7",
  field: 'c4n4ry-field "\\/ +ž\tZq7',
};

/** In base64 it reads differently by where in a step of three bytes it begins. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  const steps = [0, 1, 2].map((skip) => {
    const whole = Math.floor((bytes.length - skip) / 3) * 3;
    return bytes.subarray(skip, skip + whole).toString("base64");
  });
  return [...steps, ...steps.map((step) => step.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** Every spelling of a secret in which it could be read, as a whole or by a part that has no other. */
function spellings(name: keyof typeof secrets): string[] {
  const secret = secrets[name];
  const part = `c4n4ry-${name}`;
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  return [
    part,
    secret,
    json,
    json.replaceAll("/", "\\/"),
    percent,
    percent.replace(/%../g, (escape) => escape.toLowerCase()),
    percent.replaceAll("%20", "+"),
    ...inBase64(part),
    ...inBase64(secret),
    Buffer.from(part).toString("hex"),
  ];
}

/** Which secrets can be read in a text, or in base64 that stands in it, and in which spelling. */
function readable(text: string): string[] {
  const inside = [...text.matchAll(/[A-Za-z0-9+/_-]{8,}={0,2}/g)].map(([found]) =>
    Buffer.from(found, "base64").toString("latin1"),
  );
  const all = [text, ...inside].join("\n");
  return (Object.keys(secrets) as (keyof typeof secrets)[]).flatMap((name) =>
    spellings(name).flatMap((one) => (all.includes(one) ? [`${name}: ${one}`] : [])),
  );
}

/** What a careless client says: the field where it was declared, all else in every spelling. */
function careless(): (string | Buffer)[] {
  const { field, ...said } = secrets;
  return [
    JSON.stringify({ user: "me", password: field }),
    JSON.stringify([{ deep: { password: { nested: field } } }]),
    ...Object.values(said).flatMap((secret) => [
      `about ${secret}`,
      JSON.stringify({ again: secret, [secret]: [secret] }),
      `/back?to=${encodeURIComponent(secret)}`,
      Buffer.from(`xy${secret}z`).toString("base64"),
      Buffer.concat([Buffer.of(0xff, 0), Buffer.from(secret), Buffer.of(0xc3)]),
    ]),
  ];
}

describe("what was said in confidence is in no file", () => {
  const headers = {
    authorization: `Bearer ${secrets.bearer}`,
    cookie: `theme=dark; sid=${secrets.cookie}`,
  };
  const query = `?room=1&token=${encodeURIComponent(secrets.parameter)}`;
  const redact = ["--redact", "$..password"];

  function filesIn(directory: string): string {
    const names = readdirSync(directory);
    expect(names.length).toBeGreaterThan(0);
    const texts = names.map((name) => readFileSync(path.join(directory, name), "utf8"));
    return [...names, ...texts].join("\n");
  }

  test.each<[string, string[]]>([
    ["to programs", ["--json"]],
    ["to people", ["--show-ping-pong"]],
  ])("of proxy --record, nor does it show it %s", async (what, flags) => {
    await using server = await startServe();
    const directory = path.join(folder, `proxied ${what}`);
    const args = ["--target", server.url + query, "--record", directory, ...redact, ...flags];
    await using proxy = startWsctl(["proxy", "--port", "0", ...args]);
    const written = (): string => proxy.output.stdout + proxy.output.stderr;
    const address = /ws:\/\/127\.0\.0\.1:\d+\/(?=[\s,"])/;
    // Where it leads is told as well, later.
    await expect.poll(written, { timeout: 10_000 }).toMatch(address);
    const client = await connect(address.exec(written())![0] + query, { headers });
    const said = careless();
    for (const message of said) client.socket.send(message);
    client.socket.ping(secrets.cookie);
    await expect.poll(() => client.got.length, { timeout: 10_000 }).toBe(said.length);
    // What passes is as it was, and what looks for secrets finds them there.
    expect(client.got[0]).toBe(said[0]);
    expect(readable(client.got.join("\n")).length).toBeGreaterThan(20);
    client.socket.close(4000, `because of ${secrets.bearer}`);
    await expect.poll(written, { timeout: 10_000 }).toContain("because of");
    proxy.kill("SIGINT");
    const { code, stdout, stderr } = await proxy.exit;
    expect(code).toBe(0);
    const kept = filesIn(directory);
    expect(kept).toContain("room=1");
    expect(kept.match(/"k":"(?:in|out)","op":[12],/g)).toHaveLength(2 * said.length);
    expect(readable(kept)).toEqual([]);
    // All was shown, but for the secrets.
    expect(stdout.match(/about /g)).toHaveLength(6);
    expect(readable(stdout + stderr)).toEqual([]);
  });

  test("of record", async () => {
    await using server = await startServe();
    const directory = path.join(folder, "recorded");
    mkdirSync(directory);
    const file = path.join(directory, "talk.wsrec");
    const given = ["-H", `Authorization: ${headers.authorization}`, "--cookie", headers.cookie];
    const said = careless().filter((message) => typeof message === "string");
    const args = ["record", server.url + query, "-o", file, ...given, ...redact];
    const { code, stderr } = await runWsctl([...args, "--count", String(said.length)], {
      stdin: `${said.join("\n")}\n`,
    });
    expect(code, stderr).toBe(0);
    const kept = filesIn(directory);
    expect(kept.match(/"k":"(?:in|out)"/g)).toHaveLength(2 * said.length);
    expect(readable(kept)).toEqual([]);
    expect(readable(stderr)).toEqual([]);
  });
});

/** `wsctl replay` as a user runs it: where it goes, what it asks for, what it prints, how it exits. */
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { run } from "../../src/cli/run.js";
import { startWsEcho } from "../support/servers.js";
import { fakeHost } from "./fake-host.js";
import { came, closed, recording, sent, textOf, upgrade } from "../replay/replay-rig.js";

let folder: string;
let server: WebSocketServer;
let url: string;
const asked: { url: string; headers: NodeJS.Dict<string | string[]> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "wsctl-replay-"));
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (client: WebSocket, request) => {
    asked.push({ url: request.url ?? "", headers: request.headers });
    client.on("message", (data) => client.send(`{"echo":${JSON.stringify(textOf(data))}}`));
  });
  await once(server, "listening");
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  for (const client of server.clients) client.terminate();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function replayed(content: string, args: readonly string[], env = {}) {
  const file = path.join(folder, "one.wsrec");
  await writeFile(file, content);
  const host = fakeHost(["replay", file, ...args, "--wait", "600ms"], { env });
  const code = await run(host);
  return { code, stdout: host.stdout.text, stderr: host.stderr.text, file };
}

const same = recording([
  { ...upgrade, target: "/chat?room=1" },
  sent("hi"),
  came({ echo: "hi" }),
  closed("client"),
]);
const other = same.replace('\\"hi\\"', '\\"ho\\"');

describe("exit codes and pages", () => {
  test("0 where all came, with the recorded path", async () => {
    asked.length = 0;
    const { code, stdout } = await replayed(same, [url]);
    expect(stdout).toContain("all came as recorded");
    expect(code).toBe(0);
    expect(asked.map((one) => one.url)).toEqual(["/chat?room=1"]);
    await replayed(same, [`${url}/other`]);
    expect(asked.at(-1)?.url).toBe("/other");
  });

  test("6 where something differs, with the difference in every form", async () => {
    const junit = path.join(folder, "r.xml");
    const { code, stdout } = await replayed(other, [
      url,
      "--pace",
      "gated",
      "-o",
      `junit=${junit}`,
    ]);
    expect(code).toBe(6);
    expect(stdout).toContain('$.echo: "ho" ≠ "hi"');
    expect(await readFile(junit, "utf8")).toMatch(
      /<failure message="1 difference".*\n[^]*\$\.echo/,
    );
    const { stdout: json } = await replayed(other, [url, "--json"]);
    expect(JSON.parse(json)).toMatchObject({ replay: 1, outcome: "different" });
  });

  test("0 where it is accepted, and from then on", async () => {
    const { code, file } = await replayed(other, [url, "--update"]);
    expect(code).toBe(0);
    expect((await replayed(await readFile(file, "utf8"), [url])).code).toBe(0);
  });

  test("3 where nobody is, 4 where it is refused, 0 where it was refused then", async () => {
    expect((await replayed(same, ["ws://127.0.0.1:1"])).code).toBe(3);
    await using refusing = await startWsEcho({ refuse: 403 });
    expect((await replayed(same, [refusing.url])).code).toBe(4);
    const refused = recording([{ ...upgrade, status: 403 }]);
    expect((await replayed(refused, [refusing.url])).code).toBe(0);
    expect((await replayed(refused, [url])).code).toBe(6);
  });

  test("2 for what cannot be used", async () => {
    for (const args of [
      [url, "--pace", "quick"],
      [url, "--ignore", "$["],
      [url, "--ignore", "$"],
      [url, "--ignore-values", "/(/"],
      [url, "--capture", "x"],
      [url, "--serve"],
      [],
      [url, "--as", "server"],
    ]) {
      expect([args, (await replayed(same, args)).code]).toEqual([args, 2]);
    }
  });
});

describe("secrets", () => {
  const hidden = recording(
    [
      {
        ...upgrade,
        request: [
          ["Authorization", "Bearer [redacted]"],
          ["X-Tenant", "blue"],
        ],
      },
      sent({ password: "[redacted]" }, { redacted: true }),
      came({ echo: '{"password":"[redacted]"}' }, { redacted: true }),
      closed("client"),
    ],
    1,
    { redacted: ["authorization", "$.password"] },
  );

  test("what was redacted is asked for by name", async () => {
    const { code, stderr } = await replayed(hidden, [url]);
    expect(code).toBe(2);
    expect(stderr).toContain("the header Authorization: --bearer TOKEN");
    expect(stderr).toContain("the field password of messages: --var password=VALUE");
  });

  test("and is said when it is given; it stays out of an updated recording", async () => {
    asked.length = 0;
    const args = [url, "--bearer", "env:TOK", "--var", "password=env:PW"];
    const env = { TOK: "tok-987654", PW: "hunter2-hunter2" };
    const { code, stdout } = await replayed(hidden, args, env);
    expect(stdout).toContain("all came as recorded");
    expect(code).toBe(0);
    expect(asked.at(-1)?.headers).toMatchObject({
      authorization: "Bearer tok-987654",
      "x-tenant": "blue",
    });
    const changed = hidden
      .replace('"k":"in"', '"k":"in","x":1')
      .replace('{\\"echo\\"', '{\\"old\\":1,\\"echo\\"');
    const { file } = await replayed(changed, [...args, "--update"], env);
    expect(await readFile(file, "utf8")).not.toContain("hunter2");
  });

  test("or left out", async () => {
    asked.length = 0;
    await replayed(hidden, [url, "--without-redacted"]);
    expect(asked.at(-1)?.headers["authorization"]).toBeUndefined();
  });
});

test("a directory is all its recordings", async () => {
  const many = await mkdtemp(path.join(folder, "many-"));
  await writeFile(path.join(many, "b.wsrec"), same);
  await writeFile(path.join(many, "a.wsrec"), other);
  const host = fakeHost(["replay", many, url, "--wait", "600ms"]);
  expect(await run(host)).toBe(6);
  expect(host.stdout.text).toMatch(/a\.wsrec[^]*b\.wsrec[^]*1 of 2 recordings as recorded/);
});

describe("files that are not to be lost", () => {
  test("a report over a recording, one file twice, pipes, nothing to replay: 2", async () => {
    await replayed(same, [url]);
    const file = path.join(folder, "one.wsrec");
    const link = path.join(folder, "also.wsrec");
    await symlink("one.wsrec", link);
    const empty = path.join(folder, "empty.wsrec");
    await writeFile(empty, recording([]));
    for (const args of [
      [file, url, "-o", `json=${link}`],
      [file, link, url],
      ["-", url],
      ["/dev/null", url],
      [empty, url],
      [file, url, "--update", "--salvage"],
    ]) {
      expect([args, await run(fakeHost(["replay", ...args]))]).toEqual([args, 2]);
    }
    expect(await readFile(file, "utf8")).toBe(same);
  });

  test("a pattern that the recording does not tell has to be given again", async () => {
    const hides = recording(
      [upgrade, sent("hunter2"), came({ echo: "[redacted]", n: 1 }, { redacted: true })],
      1,
      { redacted: ["/…/"] },
    );
    const refused = await replayed(hides, [url, "--update"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--redact");
    const { code, file } = await replayed(hides, [url, "--update", "--redact", "/hunter2/"]);
    expect(code).toBe(0);
    const [, , ...lines] = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines.at(-1)).not.toContain("hunter2");
  });

  test("a directory of many warns of nothing", async () => {
    const many = await mkdtemp(path.join(folder, "many-"));
    for (let n = 0; n < 12; n++) await writeFile(path.join(many, `${n}.wsrec`), same);
    const warned: unknown[] = [];
    const listen = (warning: Error): unknown => warned.push(warning);
    process.on("warning", listen);
    const code = await run(fakeHost(["replay", many, url, "--wait", "600ms"]));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect([code, warned]).toEqual([0, []]);
  });
});

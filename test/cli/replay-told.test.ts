/** What `wsctl replay` tells of a run, and what it does not: secrets, values that were carried, files beside it. */
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { run } from "../../src/cli/run.js";
import type { ReplayResult } from "../../src/replay/result.js";
import { came, closed, recording, sent, textOf, upgrade } from "../replay/replay-rig.js";
import { fakeHost } from "./fake-host.js";

let folder: string;
let server: WebSocketServer;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "wsctl-told-"));
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (client: WebSocket, request) => {
    client.on("message", (data) => {
      const said = textOf(data);
      const { url: target, headers } = request;
      if (said === "bytes") client.send(Buffer.from(`abc${headers.authorization ?? ""}`));
      else if (said === "long") client.send(`${"x".repeat(2000)}${headers.authorization ?? ""}`);
      else if (said === "bye") client.close(4000, headers.authorization);
      else client.send(JSON.stringify({ said, target, headers: { ...headers, key: "" } }));
    });
  });
  await once(server, "listening");
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  for (const client of server.clients) client.terminate();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function told(content: string, args: readonly string[], to = url) {
  const file = path.join(folder, "one.wsrec");
  const junit = path.join(folder, "one.xml");
  const json = path.join(folder, "one.json");
  await writeFile(file, content);
  const outputs = ["-o", `junit=${junit}`, "-o", `json=${json}`, "-o", "text=-"];
  const host = fakeHost(["replay", file, to, ...args, ...outputs, "--wait", "600ms"]);
  const code = await run(host);
  const document = await readFile(json, "utf8");
  return {
    code,
    stderr: host.stderr.text,
    stdout: host.stdout.text,
    all: host.stdout.text + host.stderr.text + document + (await readFile(junit, "utf8")),
    result: JSON.parse(document) as ReplayResult,
  };
}

describe("credentials that the server echoes", () => {
  test.each(["whole", "bytes", "long", "bye"])("are in no report: %s", async (kind) => {
    const canaries = ["cAnArY-bearer-1", "cAnArY-cookie-2", "cAnArY-query-3", "cAnArY-var-44"];
    const [bearer, cookie, query, password] = canaries;
    const content = recording(
      [
        { ...upgrade, target: "/" },
        sent(kind === "whole" ? "p=[redacted]" : kind, kind === "whole" ? { redacted: true } : {}),
        came({ said: "hi", headers: {} }),
        closed("client"),
      ],
      1,
      { redacted: ["/…/"] },
    );
    const { code, all, stdout } = await told(
      content,
      ["--bearer", bearer!, "--cookie", `sid=${cookie}`, "--var", `redacted=${password}`],
      `${url}/?access_token=${query}`,
    );
    expect(code).toBe(6);
    for (const canary of canaries) {
      expect(all).not.toContain(canary);
      expect(all).not.toContain(
        Buffer.from(canary)
          .toString("hex")
          .replace(/..(?=.)/g, "$& "),
      );
    }
    if (kind !== "bytes" && kind !== "long") expect(stdout).toContain("[redacted]");
  });
});

const token = "tok-a1b2c3d4";

describe("values that are carried", () => {
  const talk = recording([
    upgrade,
    sent("one"),
    came({ said: "one", target: token }),
    sent({ use: token }),
    came({ said: `{"use":"${token}"}` }),
    closed("client"),
  ]);

  test("what left before its value had come was not carried, and is told", async () => {
    const slow = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    slow.on("connection", (client: WebSocket) => {
      let count = 0;
      client.on("message", (data) => {
        if (++count < 2) return;
        client.send(JSON.stringify({ said: "one", target: "tok-z9y8x7w6" }));
        client.send(JSON.stringify({ said: textOf(data) }));
      });
    });
    await once(slow, "listening");
    const place = `ws://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    try {
      const { stdout, result } = await told(talk, ["--detect", "--pace", "asap"], place);
      expect(stdout).toContain("sent #2 left before $.target had come: use --pace gated");
      expect(result.connections[0]!.detected).toMatchObject([{ carried: 0, early: true }]);
    } finally {
      for (const client of slow.clients) client.terminate();
      slow.close();
    }
  });

  test("what was carried is counted", async () => {
    const { stdout, result } = await told(talk, [
      "--detect",
      "--pace",
      "gated",
      "--ignore",
      "$.headers",
    ]);
    expect(stdout).toContain("carried: $.target of received #1");
    expect(result.connections[0]!.detected).toMatchObject([{ carried: 1, early: false }]);
  });

  test("a capture that finds nothing, and a variable that stands for nothing", async () => {
    const args = ["--capture", "ghost=$.nowhere", "--capture", "t=$.target", "--var", "room=x"];
    const { stdout, result } = await told(talk, [...args, "--pace", "gated"]);
    for (const text of [stdout, result.connections[0]!.notes.join("\n")]) {
      expect(text).toContain("the capture ghost found nothing");
      expect(text).toContain("the variable room stood for nothing");
      expect(text).not.toContain("the capture t ");
    }
  });
});

test("where nobody is, it is said how many messages the recording holds", async () => {
  const content = recording([upgrade, sent("a"), came("1"), came("2"), closed("server")]);
  const { code, stdout } = await told(content, [], "ws://127.0.0.1:1/");
  expect(code).toBe(3);
  expect(stdout).toContain("received 0, recorded 2");
});

test("a malformed recording beside others is an error of its own", async () => {
  const many = await mkdtemp(path.join(folder, "many-"));
  const good = recording([
    upgrade,
    sent("bye"),
    { k: "close", by: "server", code: 4000, reason: "" },
  ]);
  await writeFile(path.join(many, "a.wsrec"), "nonsense\n");
  await writeFile(path.join(many, "b.wsrec"), good);
  await writeFile(path.join(many, "c.wsrec"), `${good}{"t":"x"}\n`);
  const junit = path.join(folder, "many.xml");
  const host = fakeHost(["replay", many, url, "--wait", "600ms", "-o", `junit=${junit}`]);
  expect(await run(host)).toBe(2);
  const text = await readFile(junit, "utf8");
  expect(text).toContain('tests="3" failures="0" errors="2"');
  expect(text).toMatch(/a\.wsrec cannot be read as a recording/);
});

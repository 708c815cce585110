/** Nothing that is under way keeps a person from typing on, from stopping it, or from leaving. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Backoff } from "../../src/base/backoff.js";
import { commands } from "../../src/repl/commands.js";
import type { Desk } from "../../src/repl/desk.js";
import { MessageLog } from "../../src/repl/message-log.js";
import { orStopped } from "../../src/repl/stoppable.js";
import { makeCertificates } from "../support/certificates.js";
import { startWsEcho } from "../support/servers.js";
import { converse } from "./conversation.js";
import { plain } from "./terminal.js";

const ctrlC = "\u0003";
const made: string[] = [];
const silent: Server[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
  for (const server of silent.splice(0)) server.close();
});

function file(name: string, text?: string): string {
  const dir = mkdtempSync(path.join(tmpdir(), "wsctl-stopping-"));
  made.push(dir);
  const place = path.join(dir, name);
  if (text !== undefined) writeFileSync(place, text);
  return place;
}

/** The address of a server that takes connections and says nothing. */
async function silence(): Promise<string> {
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  silent.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
}

describe("what waits for a connection", () => {
  const away = { reconnect: new Backoff({ kind: "fixed", base: 60_000 }) };

  async function lost() {
    const server = await startWsEcho();
    const on = await converse(server.url, {}, away);
    await server.close();
    await on.terminal.see("◌ waiting");
    return on;
  }

  test.each(["/send x", "/fragment 2 ab", "/binary 00", "x"])(
    "%s holds up nothing that is typed after it",
    async (line) => {
      const on = await lost();
      await on.say(line, "kept until the connection is open");
      await on.say("/set a 1", "a = 1");
      await on.say("/quit");
      expect((await on.ended).outcome).toBe("quit");
    },
  );

  test("a repeat of it is stopped by the first Ctrl-C, the next leaves", async () => {
    const on = await lost();
    await on.say("/repeat 5 /send x", "kept until the connection is open");
    const from = on.terminal.text.length;
    on.terminal.type(ctrlC);
    await on.terminal.see("stopped", from);
    on.terminal.type(ctrlC);
    expect((await on.ended).outcome).toBe("quit");
    expect(on.terminal.text.match(/kept until/g)).toHaveLength(1);
  });
});

describe("the first connection", () => {
  test("may be left for another before it is open", async () => {
    const server = await startWsEcho();
    const on = await converse(await silence(), {}, {}, "connecting to");
    await on.say(`/connect ${server.url}`, "● open");
    await on.say("there", "← there");
    await on.say("/quit");
    expect((await on.ended).outcome).toBe("quit");
  });

  test("may be closed before it is open, and opened again", async () => {
    const on = await converse(await silence(), {}, {}, "connecting to");
    await on.say("/close", /not connected[^]*\/reconnect opens it again/);
    await on.say("/set a 1", "a = 1");
    const server = await startWsEcho();
    await on.say(`/connect ${server.url}`, "● open");
  });

  test("Ctrl-C while it is opened leaves", async () => {
    const on = await converse(await silence(), {}, {}, "connecting to");
    on.terminal.type(ctrlC);
    expect((await on.ended).outcome).toBe("quit");
  });
});

test("a certificate that is not trusted: the prompt says that it takes another start", async () => {
  const { server: tls } = await makeCertificates();
  const server = await startWsEcho({ tls });
  const plainServer = await startWsEcho();
  const on = await converse(plainServer.url);
  await on.say(`/connect ${server.url}`, /\[WSCTL_ETLS\][^]*hint:[^]*--ca FILE[^]*\/quit/);
});

describe("Ctrl-C", () => {
  test("stops a script, and leaves the connection that it has opened", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    const script = file("script", "/reconnect\n/close\n/reconnect\nfrom the script\n/wait never\n");
    await on.say(`/script ${script}`, "← from the script");
    on.terminal.type(ctrlC);
    await on.terminal.see("no longer waiting for never");
    await on.say("still here", "← still here");
    expect(server.wss.clients.size).toBe(1);
  });

  test("a connection that is being opened is given up", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    await on.say(`/connect ${await silence()}`, /connecting[^]*connecting/);
    on.terminal.type(ctrlC);
    await on.terminal.see("✗");
    await on.say("/reconnect", /connecting/);
    on.terminal.type(ctrlC, ctrlC);
    expect((await on.ended).outcome).toBe("quit");
  });
});

test("what fails when nobody waits for it any more does no harm", async () => {
  const failing = Promise.reject(new Error("lost"));
  await expect(orStopped(failing, AbortSignal.abort())).rejects.toThrow("stopped");
  const stop = new AbortController();
  const later = orStopped(new Promise(() => {}), stop.signal);
  stop.abort();
  await expect(later).rejects.toThrow("stopped");
  await expect(orStopped(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7);
});

describe("many at once", () => {
  test("jobs beside each other are not within each other", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    for (let each = 1; each <= 10; each++) {
      await on.say("/repeat 1 /wait never", each === 1 ? "⟳ ❯" : `⟳${each} ❯`);
    }
    await on.say("hello", "← hello");
    expect(on.terminal.text).not.toContain("nested");
    await on.say("/repeat 1 ".repeat(12) + "x", "nested too deep");
  });

  test("a dozen that wait make no warning, and all learn that the connection is left", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    const server = await startWsEcho();
    const on = await converse(server.url);
    for (let each = 0; each < 12; each++) await on.say(`/wait never${each}`);
    await on.say("hello", "← hello");
    await on.say(`/connect ${server.url}`, "● open");
    for (let each = 0; each < 12; each++) {
      await on.terminal.see(`the connection ended before never${each} came`);
    }
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("a script that closes and opens often makes no warning", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    const server = await startWsEcho();
    const on = await converse(server.url);
    const script = file("script", `${"/reconnect\n".repeat(14)}done\n`);
    await on.say(`/script ${script}`, "← done");
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

test("/save that is stopped leaves nothing, and can be done again", async () => {
  const place = file("saved");
  const log = new MessageLog();
  const common = { direction: "in", binary: false, at: 0, wire: 0, frames: 1 } as const;
  for (let number = 1; number <= 300; number++) {
    log.add({ ...common, number, data: Buffer.from("x"), compressed: false }, number);
  }
  const said: string[] = [];
  const link = { options: { target: { url: "ws://h/" } } };
  const feed = { say: (text: string) => said.push(text) };
  const desk = { log, link, feed, ink: plain } as unknown as Desk;
  const save = commands.get("save");
  await expect(save?.run(desk, place, AbortSignal.abort())).rejects.toThrow("stopped");
  expect(existsSync(place)).toBe(false);
  await save?.run(desk, place, new AbortController().signal);
  expect(said.join()).toContain("300 messages written");
  expect(readFileSync(place, "utf8").trimEnd().split("\n")).toHaveLength(301);
});

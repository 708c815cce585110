/**
 * Lets a server say everything that a terminal might obey, to the prompt and to a pipe that ends at
 * a terminal: nothing of it arrives, memory stays bounded, and the prompt goes on working.
 */
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Random, seedOf } from "../../src/base/random.js";
import { requireDebian, succeeds } from "../support/debian.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";
import { hostileBytes, hostileString, obeyed } from "./hostile-strings.js";
import { mebibytes, record } from "./connect-run.js";
import { ConnectTerminal } from "./connect-terminal.js";

const strings = 100_000;
const mebibyte = 1024 * 1024;

/**
 * What may be added to the memory of a prompt at which nothing has happened yet: the largest message,
 * 16 MiB unless told, and 64 MiB. Node itself takes some 45 MiB before the first line of wsctl runs,
 * and the idle prompt some 90: that is no server's doing, so the bound stands on top of it.
 */
const mostGrowth = (16 + 64) * mebibyte;

/** What the prompt itself writes besides text, without colours (NO_COLOR); nothing else may be there. */
const own = new RegExp(
  [
    // Brackets around what is pasted, on and off.
    String.raw`\u001b\[\?2004[hl]`,
    // Back to the first row of the prompt, and clear it and all below.
    String.raw`\r(?:\u001b\[\d+A)?\u001b\[K(?:\u001b\[1B\u001b\[J\u001b\[1A)?`,
    // To the cursor's place in the line.
    String.raw`(?:\u001b\[\d+A)?\r\u001b\[\d+C`,
    // The end of a line, to which the terminal adds another return.
    String.raw`\r{1,2}\n`,
  ].join("|"),
  "g",
);

/** The first thing that a terminal would obey, with what is around it; undefined when there is none. */
function leak(shown: string): string | undefined {
  const rest = shown.replace(own, "\n");
  const at = rest.search(obeyed);
  return at < 0 ? undefined : JSON.stringify(rest.slice(Math.max(0, at - 60), at + 60));
}

async function clientOf({ wss }: WsEcho): Promise<WebSocket> {
  for (const client of wss.clients) return client;
  const [client] = (await once(wss, "connection")) as [WebSocket];
  return client;
}

/** Sends no faster than it is taken. */
async function say(client: WebSocket, data: string | Buffer, binary: boolean): Promise<void> {
  client.send(data, { binary });
  while (client.bufferedAmount > mebibyte) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when all that was said has been read. */
async function heard(client: WebSocket): Promise<void> {
  const pong = once(client, "pong");
  client.ping();
  await pong;
}

/** Says every string as a message of its own; one in eight is bytes that are no text. */
async function sayAll(client: WebSocket, count: number): Promise<void> {
  const random = new Random(seedOf("hostile", "one by one"));
  for (let each = 0; each < count; each++) {
    const binary = each % 8 === 7;
    await say(client, binary ? hostileBytes(random) : hostileString(random), binary);
  }
}

/** Strings in one message, each with its number, so that it can be told that it was shown. */
const together = 250;

/** Says them in few messages, every second one JSON. */
async function sayTogether(client: WebSocket, count: number): Promise<number> {
  const random = new Random(seedOf("hostile", "together"));
  let messages = 0;
  for (let first = 0; first < count; first += together) {
    const batch = Array.from(
      { length: together },
      (_, i) => `⟦${first + i}⟧${hostileString(random)}`,
    );
    // JSON may hold all but C0 as it is.
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    const inJson = batch.map((text) => `"${text.replace(/[\0-\u001f"\\]/g, ".\u009b31m")}"`);
    // Newlines would make more lines than are shown of one message.
    const inText = batch.join(" ").replaceAll("\n", "\v");
    await say(client, messages % 2 === 0 ? inText : `[${inJson.join()}]`, false);
    messages++;
  }
  return messages;
}

const hasScript = requireDebian("bsdutils", () => succeeds("script", ["--version"]));

describe.skipIf(!hasScript || process.platform !== "linux")("100,000 hostile strings", () => {
  test("as fast as they come, at the prompt, frames and all", { timeout: 120_000 }, async () => {
    await using server = await startWsEcho();
    const terminal = new ConnectTerminal([server.url, "--frames", "--no-history"]);
    await terminal.see(/open in/);
    const idle = terminal.peak;
    const client = await clientOf(server);
    await sayAll(client, strings);
    client.ping(Buffer.from("\u009b31m\u202e"));
    await heard(client);
    await terminal.talk();
    const growth = terminal.peak - idle;
    client.close(4000, "\u001b]52;c;aGk=\u0007\u009b2J\u202e");
    await terminal.see(/4000[^]*\/reconnect/);
    terminal.type("\u0004");
    expect(await terminal.exit()).toBe(5);
    expect(leak(terminal.text)).toBeUndefined();
    expect(growth).toBeLessThan(mostGrowth);
    expect(idle).toBeGreaterThan(0);
    record(`prompt: ${mebibytes(growth)}`);
  });

  test("each of them shown at the prompt", { timeout: 120_000 }, async () => {
    await using server = await startWsEcho();
    const terminal = new ConnectTerminal([server.url, "--no-history"]);
    await terminal.see(/open in/);
    const idle = terminal.peak;
    const client = await clientOf(server);
    const messages = await sayTogether(client, strings);
    await heard(client);
    // The display samples what passes by, and shows what it is asked for.
    const shows = Array.from({ length: messages }, (_, i) => `/show ${i + 1}\n`).join("");
    const file = path.join(tmpdir(), `wsctl-show-${process.pid}`);
    writeFileSync(file, shows);
    terminal.type(`/script ${file}\r`);
    await terminal.see(`⟦${strings - 1}⟧`, 60_000);
    await terminal.talk();
    const growth = terminal.peak - idle;
    terminal.type("\u0004");
    expect(await terminal.exit()).toBe(0);
    rmSync(file);
    const { text } = terminal;
    expect(leak(text)).toBeUndefined();
    const seen = new Set(Array.from(text.matchAll(/⟦(\d+)⟧/g), ([, number]) => number));
    expect(seen.size).toBe(strings);
    expect(growth).toBeLessThan(mostGrowth);
    record(`shown: ${mebibytes(growth)}`);
  });

  test.each([[[]], [["--json"]], [["--pretty", "--frames"]]])(
    "in a pipe that ends at a terminal %j",
    { timeout: 120_000 },
    async (flags) => {
      await using server = await startWsEcho();
      const args = [server.url, ...flags, "--count", String(strings), "--wait", "1m"];
      const terminal = new ConnectTerminal(args, { redirect: "</dev/null" });
      const client = await clientOf(server);
      const idle = terminal.peak;
      await sayAll(client, strings);
      const growth = terminal.peak - idle;
      expect(await terminal.exit()).toBe(0);
      const { text } = terminal;
      expect(leak(text)).toBeUndefined();
      expect(text.split("\n").length).toBeGreaterThan(strings);
      expect(growth).toBeLessThan(mostGrowth);
      record(`pipe ${flags.join()}: ${mebibytes(growth)}`);
    },
  );

  test("and what looks for them finds them, when --raw lets them through", async () => {
    await using server = await startWsEcho();
    const args = [server.url, "--raw", "--count", "100"];
    const terminal = new ConnectTerminal(args, { redirect: "</dev/null" });
    await sayAll(await clientOf(server), 100);
    expect(await terminal.exit()).toBe(0);
    expect(leak(terminal.text)).toBeDefined();
  });

  test("text that is not UTF-8 ends the connection, and not the prompt", async () => {
    await using server = await startWsEcho();
    const terminal = new ConnectTerminal([server.url, "--no-history"]);
    await terminal.see(/open in/);
    const client = await clientOf(server);
    client.send(Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff]), { binary: false });
    await terminal.see(/not valid UTF-8[^]*1007/);
    terminal.type("/reconnect\r");
    await terminal.see(/open in/);
    await terminal.talk();
    terminal.type("\u0004");
    expect(await terminal.exit()).toBe(0);
    expect(leak(terminal.text)).toBeUndefined();
  });
});

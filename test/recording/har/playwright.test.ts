/** Shows that what Playwright exports from a real page imports, in each form that it has. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { requireChromium, startBrowser } from "../../support/browser.js";
import { imported } from "./samples.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-playwright-"));
const servers: WebSocketServer[] = [];

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function echo(): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  servers.push(server);
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data as Buffer, { binary }));
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/echo?room=1`;
}

/** What the page does: it says the same things each time, and waits for each answer. */
const script = `async (url) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  await new Promise((open) => socket.addEventListener("open", open));
  for (const message of ["héllo \\u2028 🎈", new Uint8Array([0, 255, 128]), "", "x".repeat(3000)]) {
    const answered = new Promise((answer) => socket.addEventListener("message", answer));
    socket.send(message);
    await answered;
  }
  const closed = new Promise((close) => socket.addEventListener("close", close));
  socket.close(1000, "done");
  await closed;
}`;

describe.skipIf(!requireChromium())("Playwright's HAR of a page with a WebSocket", () => {
  test.each([
    ["embedded", "embed.har", "embed"],
    ["attached, in a folder", "attach.har", "attach"],
    ["attached, in an archive", "page.har.zip", "attach"],
  ] as const)("%s", { timeout: 30_000 }, async (_, name, content) => {
    const url = await echo();
    const browser = await startBrowser();
    const file = path.join(folder, name);
    const context = await browser.newContext({ recordHar: { path: file, content } });
    const page = await context.newPage();
    await page.evaluate(`(${script})(${JSON.stringify(url)})`);
    await context.close();
    const { header, lines, notes } = await imported(file);
    expect(header).toMatchObject({
      url,
      importedFrom: expect.stringMatching(/^Playwright \d/) as string,
    });
    expect(lines[0]).toMatchObject({ k: "upgrade", status: 101, target: "/echo?room=1" });
    const said = lines.flatMap((line) => {
      const { k, op, data, b64 } = line as Record<string, unknown>;
      return k === "in" || k === "out" ? [[k, op, data ?? b64]] : [];
    });
    const both = (op: number, payload: string): unknown[] => [
      ["out", op, payload],
      ["in", op, payload],
    ];
    expect(said).toEqual([
      ...both(1, "héllo \u2028 🎈"),
      ...both(2, "AP+A"),
      // Playwright leaves empty messages out.
      ...both(1, "x".repeat(3000)),
    ]);
    const times = lines.map(({ t }) => t);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(lines.at(-1)).toMatchObject({ k: "end", in: 3, out: 3 });
    expect(notes).toEqual([]);
  });
});

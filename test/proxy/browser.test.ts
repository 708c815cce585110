/**
 * Shows the chat page at work in Chromium through the proxy, as a reverse proxy and as an HTTP proxy
 * with TLS inside; and that the recording has just what the page and the server say there was.
 */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { Authority } from "../../src/proxy/authority.js";
import type { ProxyOptions } from "../../src/proxy/options.js";
import { type Certificate, selfSigned } from "../../src/serve/certificate.js";
import type { ServeEvent } from "../../src/serve/events.js";
import { pageFor } from "../../src/serve/page.js";
import { serve } from "../../src/serve/server.js";
import { requireChromium, startBrowser } from "../support/browser.js";
import { createMode } from "../serve/modes/mode-server.js";
import { atEnd, directory, startTestProxy } from "./running.js";

/** One message as whoever tells of it has it; binary ones in hex. */
type Said = readonly [direction: "in" | "out", kind: "text" | "binary", payload: string];

interface Chat {
  readonly url: string;
  readonly port: number;
  /** What the server received and sent, by connection; directions as the client has them. */
  readonly said: ReadonlyMap<number, Said[]>;
}

async function chat(tls?: Certificate): Promise<Chat> {
  const said = new Map<number, Said[]>();
  const server = await serve({
    mode: createMode("chat").mode,
    guards: [],
    host: "127.0.0.1",
    port: 0,
    controlPort: 0,
    maxPayload: 2 ** 20,
    subprotocols: [],
    compress: true,
    tls,
    page: pageFor("chat"),
    watcher: {
      messages: true,
      tell(event: ServeEvent) {
        if (event.event !== "message") return;
        const { connection, direction, binary, data } = event;
        const list = said.get(connection) ?? [];
        said.set(connection, list);
        list.push([
          direction === "in" ? "out" : "in",
          binary ? "binary" : "text",
          data.toString(binary ? "hex" : "utf8"),
        ]);
      },
    },
  });
  atEnd(() => server.close());
  return { url: server.url, port: Number(new URL(server.url).port), said };
}

/** Runs in the page before its own script: keeps what its WebSockets say and hear. */
function keepBooks(): void {
  const books: Said[] = [];
  const sockets: globalThis.WebSocket[] = [];
  const hex = (data: ArrayBuffer): string =>
    [...new Uint8Array(data)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const native = globalThis.WebSocket;
  class Kept extends native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.binaryType = "arraybuffer";
      sockets.push(this);
      this.addEventListener("message", ({ data }) => {
        const isText = typeof data === "string";
        books.push(["in", isText ? "text" : "binary", isText ? data : hex(data as ArrayBuffer)]);
      });
    }

    override send(data: string | ArrayBuffer): void {
      const isText = typeof data === "string";
      books.push(["out", isText ? "text" : "binary", isText ? data : hex(data)]);
      super.send(data);
    }
  }
  Object.assign(globalThis, { WebSocket: Kept, books, sockets });
}

interface Books {
  readonly books: Said[];
  readonly sockets: globalThis.WebSocket[];
}

const books = (page: Page): Promise<Said[]> =>
  page.evaluate(() => (globalThis as unknown as Books).books);

/** The recordings of a directory in the order of their connections. */
function recordings(dir: string): Record<string, unknown>[][] {
  const number = (name: string): number => Number(/-(\d+)\.wsrec$/.exec(name)?.[1]);
  return readdirSync(dir)
    .sort((a, b) => number(a) - number(b))
    .map((name) =>
      readFileSync(path.join(dir, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    );
}

function saidIn(lines: readonly Record<string, unknown>[]): Said[] {
  return lines.flatMap(({ k, op, data, b64 }): Said[] => {
    if ((k !== "in" && k !== "out") || (op !== 1 && op !== 2)) return [];
    const bytes = typeof b64 === "string" ? Buffer.from(b64, "base64") : undefined;
    return [[k, op === 1 ? "text" : "binary", bytes?.toString("hex") ?? String(data)]];
  });
}

/** Each direction by itself: how the two interleave is seen differently from every place. */
function byDirection(said: readonly Said[]): Record<"in" | "out", Said[]> {
  return {
    in: said.filter(([direction]) => direction === "in"),
    out: said.filter(([direction]) => direction === "out"),
  };
}

/** A conversation in the page, and with somebody who speaks in fragments. */
async function converse(page: Page, url: string, options: object): Promise<void> {
  page.setDefaultTimeout(12_000);
  await page.fill("#name", "ada");
  await page.click("#join button");
  await page.locator("#inside").waitFor();
  await page.fill("#text", "hello, wörld 👋");
  await page.press("#text", "Enter");
  await page.locator(".bubble", { hasText: "hello, wörld 👋" }).waitFor();
  const bob = new WebSocket(url, options);
  atEnd(() => bob.terminate());
  await once(bob, "open");
  bob.send(JSON.stringify({ op: "join", room: "lobby", name: "bob" }));
  const words = JSON.stringify({ op: "say", text: "in many pieces" });
  bob.send(words.slice(0, 10), { fin: false });
  bob.ping("between");
  bob.send("", { fin: false });
  bob.send(words.slice(10), { fin: true });
  await page.locator(".bubble", { hasText: "in many pieces" }).waitFor();
  // Both as large as the server takes them, and of a kind that cannot be compressed away.
  await page.evaluate(() => {
    const large = Uint8Array.from({ length: 60_000 }, (_, at) => (at * at * 31 + (at >> 3)) & 255);
    const { sockets } = globalThis as unknown as Books;
    sockets.at(-1)!.send(large.buffer);
    sockets.at(-1)!.send(Uint8Array.of(0, 1, 255).buffer);
  });
  await vi.waitFor(
    async () => expect((await books(page)).at(-1)).toEqual(["in", "binary", "0001ff"]),
    { timeout: 12_000, interval: 20 },
  );
  bob.close(1000);
  await once(bob, "close");
  await page.getByText("bob left").waitFor();
}

describe.skipIf(!requireChromium())("in Chromium", { timeout: 40_000 }, () => {
  test.each<[string, boolean]>([
    ["as a reverse proxy", false],
    ["as an HTTP proxy, TLS inside", true],
  ])("%s the page works, and all is recorded", async (_what, isForward) => {
    const tls = isForward ? await selfSigned("127.0.0.1") : undefined;
    const server = await chat(tls);
    const dir = directory();
    const authority = await Authority.open(directory());
    const options: Partial<ProxyOptions> = {
      record: { directory: dir, tool: "test", pause: true },
      authority,
      dial: { tls: { ca: tls?.cert } },
    };
    const proxy = await startTestProxy(isForward ? undefined : server.url, options);
    const browser = await startBrowser(
      isForward
        ? [
            `--proxy-server=127.0.0.1:${proxy.port}`,
            "--proxy-bypass-list=<-loopback>",
            `--ignore-certificate-errors-spki-list=${authority.spki}`,
          ]
        : [],
    );
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.addInitScript(keepBooks);
    await page.goto(
      isForward ? `https://127.0.0.1:${server.port}/` : `http://127.0.0.1:${proxy.port}/`,
    );
    // Bob comes by the reverse proxy, or past the HTTP proxy.
    const bobs = isForward ? server.url : proxy.url;
    await converse(page, bobs, { ca: tls?.cert, perMessageDeflate: false });
    expect(complaints).toEqual([]);
    const said = await books(page);
    await page.close();
    await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
    await proxy.close();
    const [ada, bob] = recordings(dir);
    expect(byDirection(saidIn(ada!))).toEqual(byDirection(said));
    expect(byDirection(saidIn(ada!))).toEqual(byDirection(server.said.get(1)!));
    expect(ada!.some(({ rsv1 }) => rsv1)).toBe(true);
    expect(ada!.at(-1)).toMatchObject({ k: "end" });
    if (isForward) return;
    expect(byDirection(saidIn(bob!))).toEqual(byDirection(server.said.get(2)!));
    const small = bob!.map(({ k, op, frags }) => ({ k, op, frags }));
    expect(small).toContainEqual({ k: "out", op: 1, frags: [10, 0, 26] });
    expect(small).toContainEqual({ k: "out", op: 9, frags: undefined });
  });
});

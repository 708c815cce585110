/** Shows the pages at work in Chromium: people who talk, prices that move, connections that break. */
import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { requireChromium, startBrowser } from "../../support/browser.js";
import { Client, startMode } from "../modes/mode-server.js";

/** Long enough for a busy machine, and shorter than a test. */
const patience = { timeout: 12_000, interval: 20 };

describe.skipIf(!requireChromium())("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  /** A page of a browser of its own, and what it complained about. */
  async function visit(url: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(patience.timeout);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // That a connection was cut is what these tests do to it.
      if (message.type() === "error" && !message.text().includes("WebSocket connection to")) {
        complaints.push(message.text());
      }
    });
    await page.goto(url);
    return { page, complaints };
  }

  async function join(page: Page, name: string): Promise<void> {
    await page.fill("#name", name);
    await page.click("#join button");
    await page.locator("#inside").waitFor();
  }

  async function say(page: Page, text: string): Promise<void> {
    await page.fill("#text", text);
    await page.press("#text", "Enter");
  }

  const number = async (page: Page, selector: string): Promise<number> =>
    Number((await page.textContent(selector))?.replaceAll(",", ""));

  describe("the chat page", () => {
    test("two people talk; what they say is text, never markup", async () => {
      const { http } = await startMode("chat");
      const [ada, bob] = [await visit(http), await visit(http)];
      await join(ada.page, "ada");
      await join(bob.page, "<i>bob</i>");
      await say(ada.page, "hello");
      await say(bob.page, "<img src=x onerror=alert(1)>");
      for (const { page } of [ada, bob]) {
        await page.locator(".bubble", { hasText: "<img src=x onerror=alert(1)>" }).waitFor();
        expect(await page.locator(".bubble").allTextContents()).toEqual([
          "hello",
          "<img src=x onerror=alert(1)>",
        ]);
        expect(await page.locator(".said .seq").allTextContents()).toEqual(["#3", "#4"]);
        expect(await page.locator("#people .who").allTextContents()).toEqual(["ada", "<i>bob</i>"]);
        expect(await page.locator("#log img, #people i").count()).toBe(0);
      }
      await bob.page.close();
      await ada.page.getByText("<i>bob</i> left").waitFor();
      expect(await ada.page.textContent("#count")).toBe("1");
      expect([...ada.complaints, ...bob.complaints]).toEqual([]);
    });

    test("a newcomer reads what was said before", async () => {
      const { http, url } = await startMode("chat");
      const client = await Client.open(url);
      client.send({ op: "join", room: "lobby", name: "early" });
      client.send({ op: "say", id: 1, text: "first!" });
      await client.until("ok");
      const { page } = await visit(http);
      await join(page, "late");
      await page.locator(".bubble", { hasText: "first!" }).waitFor();
      await page.getByText("late joined").waitFor();
      expect(await number(page, "#seq")).toBe(3);
      expect(await number(page, "#lost")).toBe(0);
    });

    test("who was cut off comes back and catches up", async () => {
      const { http } = await startMode("chat");
      const [ada, bob] = [await visit(http), await visit(http)];
      await join(ada.page, "ada");
      await join(bob.page, "bob");
      await bob.page.click("#cut");
      await ada.page.getByText("bob left").waitFor();
      await say(ada.page, "while you were away");
      await bob.page.locator(".bubble", { hasText: "while you were away" }).waitFor();
      await bob.page.getByText("recovered from history").waitFor();
      expect(await number(bob.page, "#recovered")).toBeGreaterThanOrEqual(2);
      expect(await number(bob.page, "#lost")).toBe(0);
      expect(await bob.page.textContent("#state")).toBe("live");
      expect(bob.complaints).toEqual([]);
    });

    test("a name that the server refuses is told at the door", async () => {
      const { http } = await startMode("chat", { "room-size": "0" });
      const { page } = await visit(http);
      await page.fill("#name", "ada");
      await page.click("#join button");
      await page.getByText("a room has at most 0 members").waitFor();
      expect(await page.isVisible("#inside")).toBe(false);
    });
  });

  describe("the ticker page", () => {
    test("shows prices live, and resumes without a gap after a cut", async () => {
      const { http } = await startMode("ticker", { tick: "300/s", symbols: "AAPL,TSLA" });
      const { page, complaints } = await visit(http);
      await vi.waitFor(async () => {
        expect(await number(page, "#updates")).toBeGreaterThan(100);
      }, patience);
      expect(await page.locator("td.symbol").allTextContents()).toEqual(["AAPL", "TSLA"]);
      expect(await page.locator("td.price").first().textContent()).toMatch(/^\d+\.\d\d$/);
      expect(await page.locator("td.num").first().textContent()).toMatch(/^[+−]\d+\.\d\d %$/);
      await page.click("#cut");
      await page.locator("#state[data-state=waiting]").waitFor();
      await page.getByText("resumed:").waitFor();
      expect(await number(page, "#replayed")).toBeGreaterThan(100);
      expect(await number(page, "#missing")).toBe(0);
      expect(complaints).toEqual([]);
    });

    test("counts what the server could no longer replay", async () => {
      const { http } = await startMode("ticker", { tick: "300/s", symbols: "A", replay: "5" });
      const { page } = await visit(http);
      await page.locator("td.symbol").waitFor();
      await page.click("#cut");
      await page.getByText("no longer kept").waitFor();
      await vi.waitFor(async () => {
        expect(await number(page, "#missing")).toBeGreaterThan(100);
      }, patience);
      expect(await page.locator("td").last().textContent()).toBe("1");
    });

    test("finds a server that was restarted, and does not take its numbers for the old ones", async () => {
      const first = await startMode("ticker", { tick: "300/s", symbols: "A" });
      const { page } = await visit(first.http);
      await page.locator("td.symbol").waitFor();
      await first.server.close();
      await page.locator("#state[data-state=waiting]").waitFor();
      const { port } = new URL(first.url);
      const flags = { tick: "300/s", symbols: "B,C" };
      const second = await startMode("ticker", flags, { port: Number(port) });
      expect(second.url).toBe(first.url);
      await page.getByText("subscribed to 2 symbols").waitFor();
      expect(await page.locator("td.symbol").allTextContents()).toEqual(["B", "C"]);
    });
  });
});

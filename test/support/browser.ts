/** Owns the browser of tests: Debian's Chromium, headless, driven by playwright-core. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { afterAll } from "vitest";
import { requireDebian } from "./debian.js";

const executablePath = "/usr/bin/chromium";

/** None of it may reach for the network: the tests are alone with loopback. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const started: Browser[] = [];

afterAll(async () => {
  for (const browser of started.splice(0)) await browser.close();
});

/**
 * Whether Chromium is there, as `requireDebian` has it: false means skip.
 *
 * @throws Error on CI, where a skip is a failure
 */
export function requireChromium(): boolean {
  return requireDebian("chromium", () => existsSync(executablePath));
}

/**
 * Starts Chromium; it is closed at the end of the test file.
 * @param more arguments besides the usual ones
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    args: [...args, ...more],
    headless: true,
  });
  started.push(browser);
  return browser;
}

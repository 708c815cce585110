/** Owns how the tests of origins attack an app: as a page of another site would, with a victim's cookie. */
import type { Finding } from "../../../src/findings/finding.js";
import { originChecks } from "../../../src/inspect/origins/checks.js";
import { type Looking, lookAt, type Seen } from "../looking.js";
import { type CookieApp, startCookieApp } from "./cookie-app.js";

/** The one Origin that is right. */
export const good = "https://app.example.com";
/** A user who is logged in. */
export const victim: Looking = {
  given: { allowedOrigin: good },
  options: { request: { origin: good, cookie: "sid=alice" } },
};

/** Starts an app and runs these checks of origins on it, all unless told. */
export async function attack(
  app: CookieApp,
  looking: Looking = victim,
  ids: readonly string[] = [],
): Promise<Seen> {
  const { url } = await startCookieApp(app);
  const chosen = originChecks.filter(({ rule }) => ids.length === 0 || ids.includes(rule.id));
  return lookAt(url, chosen, looking);
}

/** The finding of that rule and case. */
export function finding(seen: Seen, rule: string, which = ""): Finding {
  const found = seen.findings.find((each) => each.rule === rule && each.case === which);
  if (!found) throw new Error(`no finding ${rule} ${which}`);
  return found;
}

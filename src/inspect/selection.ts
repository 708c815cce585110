/** Owns which checks are run: those of the chosen tiers, less or more by their ids. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import type { Check, Cost, Tier } from "./check.js";
import { controlCost } from "./aftermath.js";
import { standingCost } from "./standing.js";

/** What was chosen. */
export interface Selection {
  readonly tiers: ReadonlySet<Tier>;
  /**
   * Ids, families or beginnings, such as `HS-05`, `TLS` or `HS-1*`: these alone, whatever their tier.
   * What is an id means that check and no other, also where a family goes by it: `FP` is not `FP-2`.
   */
  readonly only: readonly string[];
  /** The same: not these. */
  readonly skip: readonly string[];
}

/** The ids that are meant. */
function meant(ids: readonly string[], selector: string): string[] {
  const wanted = selector.toUpperCase();
  if (ids.includes(wanted)) return [wanted];
  const start = /^[^*]+(?=\*$)/.exec(wanted)?.[0] ?? `${wanted}-`;
  return ids.filter((id) => id.startsWith(start));
}

/** Ids that are named in a sentence; how many more there are follows. */
const mostNamed = 8;

/** Nobody asks for nothing: a run without a check would pass whatever the server does. */
function refuseNothing(left: readonly Check[], skip: readonly string[]): never {
  const ids = left.map(({ rule }) => rule.id);
  const more = ids.length - mostNamed;
  const named = `${ids.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const by = skip.map((selector) => safeLine(selector, 40)).join(", ");
  throw new WsctlError(
    "WSCTL_EUSAGE",
    `no check is left to run: ${named} left out by --skip ${by}`,
    {
      hint: "skip fewer of them, or choose others with --only; wsctl inspect --list shows them all",
    },
  );
}

/** @throws WsctlError WSCTL_EUSAGE for what means none of them */
function allMeant(ids: readonly string[], selectors: readonly string[]): ReadonlySet<string> {
  const families = ids.map((id) => id.replace(/-[^-]*$/, ""));
  const found = new Set<string>();
  for (const selector of selectors) {
    const these = meant(ids, selector);
    for (const id of these) found.add(id);
    if (these.length > 0) continue;
    const close = nearest(selector.toUpperCase(), new Set([...ids, ...families]));
    throw new WsctlError("WSCTL_EUSAGE", `there is no check "${safeLine(selector)}"`, {
      hint: `${close === undefined ? "" : `did you mean ${close}? `}wsctl inspect --list shows them all`,
    });
  }
  return found;
}

/**
 * The checks that were chosen, in the order of the catalogue.
 * @throws WsctlError WSCTL_EUSAGE for an id that no check has, and where none of those chosen is left
 */
export function selected(all: readonly Check[], { tiers, only, skip }: Selection): Check[] {
  const ids = all.map(({ rule }) => rule.id);
  const [these, others] = [allMeant(ids, only), allMeant(ids, skip)];
  const chosen = all.filter(({ rule: { id }, tier }) =>
    only.length > 0 ? these.has(id) : tiers.has(tier),
  );
  const left = chosen.filter(({ rule: { id } }) => !others.has(id));
  if (left.length === 0 && chosen.length > 0) refuseNothing(chosen, skip);
  return left;
}

/** The most that the checks ask of a server, one after the other; what they share is asked once. */
export function costOf(checks: readonly Check[]): Required<Cost> {
  const paid = new Set<string>();
  const costs = checks.map(({ cost, shares }) => {
    if (shares === undefined || cost.handshakes === 0) return cost;
    if (paid.has(shares)) return { ...cost, handshakes: 0 };
    paid.add(shares);
    return cost;
  });
  const standing = checks.some(({ passesBy }) => passesBy === "refusal") ? standingCost : 0;
  const provoking = checks.filter(({ provokes, cost }) => provokes && cost.handshakes > 0).length;
  const control = standing + provoking * controlCost;
  return {
    handshakes: costs.reduce((sum, cost) => sum + cost.handshakes, control),
    connections: Math.max(1, ...costs.map(({ connections = 1 }) => connections)),
    bytes: costs.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

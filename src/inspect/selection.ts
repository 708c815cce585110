/** Owns which checks are run: those of the chosen tiers, less or more by their ids. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import type { Check, Cost, Tier } from "./check.js";
import { standingCost } from "./standing.js";

/** What was chosen. */
export interface Selection {
  readonly tiers: ReadonlySet<Tier>;
  /** Ids, or what ids begin with, such as `HS-05` or `TLS`: these alone, whatever their tier. */
  readonly only: readonly string[];
  /** The same: not these. */
  readonly skip: readonly string[];
}

function isMeant(id: string, selector: string): boolean {
  const wanted = selector.toUpperCase();
  return id === wanted || id.startsWith(`${wanted}-`);
}

function refuseUnknown(selectors: readonly string[], all: readonly Check[]): void {
  const ids = all.map(({ rule }) => rule.id);
  const families = ids.map((id) => id.replace(/-[^-]*$/, ""));
  for (const selector of selectors) {
    if (ids.some((id) => isMeant(id, selector))) continue;
    const close = nearest(selector.toUpperCase(), new Set([...ids, ...families]));
    throw new WsctlError("WSCTL_EUSAGE", `there is no check "${safeLine(selector)}"`, {
      hint: `${close === undefined ? "" : `did you mean ${close}? `}wsctl inspect --list shows them all`,
    });
  }
}

/**
 * The checks that were chosen, in the order of the catalogue.
 * @throws WsctlError WSCTL_EUSAGE for an id that no check has
 */
export function selected(all: readonly Check[], { tiers, only, skip }: Selection): Check[] {
  refuseUnknown([...only, ...skip], all);
  return all.filter(({ rule: { id }, tier }) => {
    if (skip.some((selector) => isMeant(id, selector))) return false;
    if (only.length > 0) return only.some((selector) => isMeant(id, selector));
    return tiers.has(tier);
  });
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
  const control = checks.some(({ passesBy }) => passesBy === "refusal") ? standingCost : 0;
  return {
    handshakes: costs.reduce((sum, cost) => sum + cost.handshakes, control),
    connections: Math.max(1, ...costs.map(({ connections = 1 }) => connections)),
    bytes: costs.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

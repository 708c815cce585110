/** Owns what an inspection is going to ask of a server, and the most that it can come to. */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import { catalogue } from "./catalogue.js";
import type { Check, Cost } from "./check.js";
import { costOf, selected, type Selection } from "./selection.js";

/** What decides on it. */
export interface PlanOptions {
  /** How the target is dialled. */
  readonly dial: DialOptions;
  readonly selection: Selection;
  /**
   * Exchanges that are timed, after the first, which is none of them: it is the one that finds caches
   * empty, here and there. 0 for none.
   */
  readonly runs: number;
  /** Those to choose from; the whole catalogue unless told. */
  readonly checks?: readonly Check[];
}

/** What an inspection does. */
export interface InspectionPlan {
  /** Those chosen, in the order in which they are run. */
  readonly checks: readonly Check[];
  /** The most that it asks of the server, the first exchange and the timed ones included. */
  readonly cost: Required<Cost>;
  /** Milliseconds for which the first exchange is watched. */
  readonly watch: number;
}

/** Milliseconds: for what comes by itself, and to tell acceptance from a late rejection. */
const briefWatch = 150;
const longWatch = 1000;

/**
 * The plan of an inspection; nothing is sent for it.
 * @throws WsctlError WSCTL_EUSAGE for an id that no check has
 */
export function planOf(target: Target, options: PlanOptions): InspectionPlan {
  const { dial, selection, runs, checks: all = catalogue } = options;
  // They are told with their reason all the same, and have no budget then.
  const checks = selected(all, selection).map((check): Check => {
    const isHere = check.lack?.({ target, options: dial }) === undefined;
    return isHere ? check : Object.assign({}, check, { cost: { handshakes: 0 } });
  });
  const handshakesOf = (some: readonly Check[]): number => costOf(some).handshakes;
  // How far the first exchange comes decides which of them are tried.
  const open = handshakesOf(checks.filter(({ onlyWhen }) => onlyWhen !== "refused"));
  const refused = handshakesOf(
    checks.filter(({ needs }) => needs !== "switch" && needs !== "open"),
  );
  // A certificate that does not verify is looked at once more, and then little else is done.
  const bare = handshakesOf(checks.filter(({ needs }) => needs === "nothing"));
  const isVerified = target.secure && dial.tls?.insecure !== true;
  const handshakes = Math.max(1 + runs + open, 1 + runs + refused, isVerified ? 2 + bare : 0);
  return {
    checks,
    cost: { ...costOf(checks), handshakes },
    watch: checks.some(({ tier, watches }) => tier !== "default" || watches)
      ? longWatch
      : briefWatch,
  };
}

/** Owns which checks `wsctl inspect` is asked for, and whether they may be made. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { detoured } from "../../dial/detour.js";
import { isLoopback } from "../../dial/loopback.js";
import { catalogue } from "../../inspect/catalogue.js";
import type { Check, Tier } from "../../inspect/check.js";
import type { Selection } from "../../inspect/selection.js";
import type { InspectFlags } from "./inspect-options.js";
import type { Dialling } from "./inspect-target.js";

type TierFlags = Pick<
  InspectFlags,
  "all" | "origins" | "security" | "active" | "intrusive" | "only" | "skip" | "health"
>;

/** What each flag adds; each of the later ones includes the ones before. */
function tiersOf({ all, origins, security, active, intrusive }: TierFlags): Set<Tier> {
  const tiers = new Set<Tier>();
  const isDeep = active === true || intrusive === true;
  if (all) tiers.add("default");
  if (origins !== undefined || security || all || isDeep) tiers.add("origins");
  if (security || all || isDeep) tiers.add("security");
  if (isDeep) tiers.add("active");
  if (intrusive) tiers.add("intrusive");
  return tiers.size === 0 ? new Set<Tier>(["default"]) : tiers;
}

function listOf(given: readonly string[] | undefined): string[] {
  return (given ?? [])
    .flatMap((list) => list.split(","))
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

/** What a monitor may look at every minute: what the first exchange shows, and nothing more asked. */
function passive(): string[] {
  return catalogue
    .filter(({ tier, cost }) => tier === "default" && cost.handshakes === 0)
    .map(({ rule }) => rule.id);
}

/** The checks that the flags ask for. */
export function selectionOf(flags: TierFlags): Selection {
  const only = listOf(flags.only);
  const { all, origins, security, active, intrusive } = flags;
  const isPlain = !all && origins === undefined && !security && !active && !intrusive;
  const isBrief = flags.health !== undefined && isPlain && only.length === 0;
  const skip = listOf(flags.skip);
  return { tiers: tiersOf(flags), only: isBrief ? passive() : only, skip };
}

/** Whether the server is on this machine by its very address. */
function isHere({ target, dial }: Dialling): boolean {
  if (target.unix !== undefined || dial.unix !== undefined) return true;
  return !dial.proxy && isLoopback(detoured(target, dial.detours).host);
}

/** The host that has to be named before these checks are made; undefined where none has to be. */
export function hostToAuthorize(dialling: Dialling, checks: readonly Check[]): string | undefined {
  const isHarsh = checks.some(({ tier }) => tier === "active" || tier === "intrusive");
  return isHarsh && !isHere(dialling) ? dialling.target.host : undefined;
}

/**
 * Refuses checks that may hurt a server of somebody else.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function requireAuthorized(
  dialling: Dialling,
  checks: readonly Check[],
  said: string | undefined,
): void {
  const host = hostToAuthorize(dialling, checks);
  if (host === undefined || said?.toLowerCase() === host.toLowerCase()) return;
  const ids = checks
    .filter(({ tier }) => tier === "active" || tier === "intrusive")
    .map(({ rule }) => rule.id);
  throw new WsctlError(
    "WSCTL_EUSAGE",
    said === undefined
      ? `${ids.join(", ")} put load on ${safeLine(host)}, which is not this machine`
      : `--i-am-authorized names ${safeLine(said)}, and the server is ${safeLine(host)}`,
    {
      hint: `if you are allowed to test that server, say so: --i-am-authorized ${safeLine(host)}; --dry-run shows what would be asked of it`,
    },
  );
}

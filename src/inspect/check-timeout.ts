/** Owns how long checks wait for what may never come. */
import type { Subject } from "./subject.js";

/** Milliseconds that a malformed request is given to be answered. */
export const probeTimeout = 1500;
/** The same for a server that has let that time pass before: it hangs, and would each time. */
const shortTimeout = 300;

/**
 * Milliseconds that a request of a check is given to be answered: for servers far away, what
 * connecting and answering took before comes on top; never more than the user has patience for.
 */
export function patience({ asker, baseline, options }: Omit<Subject, "given" | "target">): number {
  const most = options.timeouts?.total ?? Infinity;
  const usual = asker.isImpatient ? shortTimeout : probeTimeout;
  if (baseline.kind !== "answered") return Math.min(most, usual);
  const { dns, tcp, proxy = 0, tls, upgrade } = baseline.phases;
  const before = dns + tcp + proxy + tls + upgrade;
  // Where little is waited for, what is slow by nature counts twice.
  return Math.min(most, Math.ceil(usual + (asker.isImpatient ? 2 : 1) * before));
}

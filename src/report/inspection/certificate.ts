/** Owns which certificates of an inspection are past their last day, or close to it. */
import { expiryLimits } from "../../findings/expiry.js";
import type { InspectedCertificate, Inspection } from "../../findings/inspection.js";

/** Whether it had expired when the inspection began. */
export function isExpired(
  { daysLeft, to }: Pick<InspectedCertificate, "daysLeft" | "to">,
  { startedAt }: Pick<Inspection, "startedAt">,
): boolean {
  const end = Date.parse(to);
  const now = Date.parse(startedAt);
  return Number.isNaN(end) || Number.isNaN(now) ? daysLeft < 0 : end <= now;
}

/** The certificates that vouch for each other, as far as they were sent: the server's own first. */
function pathOf([first, ...others]: readonly InspectedCertificate[]): InspectedCertificate[] {
  const path = first ? [first] : [];
  for (let last = first; last; path.push(last)) {
    const { issuer } = last;
    last = others.find((one) => one.subject === issuer && !path.includes(one));
    if (!last) break;
  }
  return path;
}

/** The certificate that expires first of those that do so too soon; undefined where none does. */
export function expiringFirst({ tls, startedAt }: Inspection): InspectedCertificate | undefined {
  const now = Date.parse(startedAt);
  return pathOf(tls?.chain ?? [])
    .filter(({ from, to }) => {
      const end = Date.parse(to);
      return end - now < expiryLimits(end - Date.parse(from)).verySoon;
    })
    .toSorted((a, b) => Date.parse(a.to) - Date.parse(b.to))[0];
}

/** Owns how grave a finding is. */

/** From what is only worth knowing to what must not stay. */
export const severities = ["info", "low", "medium", "high", "critical"] as const;

/** One of {@link severities}. */
export type Severity = (typeof severities)[number];

/** Whether `severity` is as grave as `limit`, or graver. */
export function isAtLeast(severity: Severity, limit: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(limit);
}

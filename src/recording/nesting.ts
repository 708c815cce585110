/** Owns how deep JSON may be: what is deeper cannot be written again without a stack as deep. */

/** Levels; nobody writes such a thing by hand, and no tool that is known to. */
const deepest = 500;

/** Whether a value of JSON is too deep to be kept. */
export function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const item of Object.values(value)) {
    if (typeof item === "object" && item !== null && isTooDeep(item, levels - 1)) return true;
  }
  return false;
}

/** Owns the list of modes: one line for each. */
import type { Mode } from "./mode.js";
import { echo } from "./modes/echo.js";

/** Every mode by its name. */
export const modes = { echo } as const satisfies Readonly<Record<string, Mode>>;

/** The name of a mode. */
export type ModeName = keyof typeof modes;

/** Whether that is the name of a mode. */
export function isModeName(name: string): name is ModeName {
  return Object.hasOwn(modes, name);
}

/** Owns the list of modes: one line for each. */
import type { ModeKind } from "./mode.js";
import { echo } from "./modes/echo.js";

/** Every mode by its name; the first is the default. */
export const modes: ReadonlyMap<string, ModeKind> = new Map([["echo", echo]]);

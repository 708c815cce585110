/** Owns the list of modes: one line for each. */
import type { ModeKind } from "./mode.js";
import { chat } from "./modes/chat.js";
import { echo } from "./modes/echo.js";
import { script } from "./modes/script.js";
import { sink } from "./modes/sink.js";
import { source } from "./modes/source.js";
import { ticker } from "./modes/ticker.js";

/** Every mode by its name; the first is the default. */
export const modes: ReadonlyMap<string, ModeKind> = new Map<string, ModeKind>([
  ["echo", echo],
  ["chat", chat],
  ["ticker", ticker],
  ["sink", sink],
  ["source", source],
  ["script", script],
]);

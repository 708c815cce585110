/** Owns how people write spans of time: `1s-3s`, or one time. */
import { WsctlError } from "../../base/errors.js";
import { parseDuration } from "../../base/quantity.js";
import type { Span } from "../flow-plan.js";

/**
 * The span, in ms.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseSpan(text: string): Span {
  if (text.trimStart().startsWith("-")) {
    throw new WsctlError("WSCTL_EUSAGE", `"${text}" is not a time: none is below 0`, {
      hint: "write it like 2s, or 1s-3s",
    });
  }
  const [from = "", to, ...more] = text.split("-");
  if (more.length > 0 || to?.trim() === "") {
    throw new WsctlError("WSCTL_EUSAGE", `"${text}" is not a span of time`, {
      hint: "write it like 1s-3s, or 2s",
    });
  }
  const low = parseDuration(from);
  const high = to === undefined ? low : parseDuration(to);
  if (high >= low) return [low, high];
  throw new WsctlError("WSCTL_EUSAGE", `"${text}" ends before it begins`, {
    hint: "the shorter time comes first: 1s-3s",
  });
}

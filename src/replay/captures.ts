/** Owns how a capture is written on the command line: `token=$.session`, `token=/sid=(\w+)/`. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { JsonValue } from "../message/json.js";
import { type Capture, compileCapture } from "../message/capture.js";
import type { MessageView } from "../message/view.js";
import type { Carried } from "./learned.js";

/**
 * Reads `NAME=PATH` or `NAME=/REGEX/`, whose first group is taken.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseCapture(text: string): Capture {
  const [, name = "", source = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === "" || source === "") {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 60)}" is no capture`, {
      hint: "write it like --capture 'token=$.session' or --capture 'sid=/sid=([0-9a-f]+)/'",
    });
  }
  const regex = /^\/(.*)\/$/s.exec(source)?.[1];
  if (regex === undefined) return compileCapture({ json: source, as: name });
  const group = /\((?!\?(?!P?<))/.test(regex.replace(/\\./gs, "")) ? 1 : 0;
  return compileCapture({ matches: regex, group, as: name });
}

/** The value that a capture takes out of a message, if it is a text or a number. */
export function capturedFrom(capture: Capture, view: MessageView): Carried | undefined {
  const value: JsonValue | undefined = capture.read(view);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

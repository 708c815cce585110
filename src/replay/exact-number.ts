/**
 * Owns numbers of JSON that a double cannot hold, such as ids of 19 digits: they are told apart, and
 * said again, by how they are written.
 */
import { MessageView } from "../message/view.js";
import { rewriteJson } from "./rewrite-json.js";

/** What a text begins with that stands for such a number. */
const mark = "\u0000#";

/** What is none of these is held by a double. */
const suspicious = /\d[\d.]{15}|\d[eE]/;

/** The value, of a number of a double as that, of others as a text that stands for it. */
export function exactNumber(token: string): string | number {
  const value = Number(token);
  if (!suspicious.test(token)) return value;
  const written = canonical(token);
  return written === canonical(String(value)) ? value : mark + written;
}

/** The digits of a value that stands for a number; undefined for texts. */
export function numberText(value: string | number): string | undefined {
  if (typeof value === "number") return String(value);
  return value.startsWith(mark) ? value.slice(mark.length) : undefined;
}

/** The message with such numbers as texts that stand for them; the very same where there is none. */
export function exactView(view: MessageView): MessageView {
  const { text } = view;
  if (text === undefined || !suspicious.test(text) || typeof view.json !== "object") return view;
  const bytes = rewriteJson(view.bytes, {
    text: () => undefined,
    number: (token) => {
      const value = exactNumber(token);
      return typeof value === "string" ? value : undefined;
    },
  });
  return bytes === view.bytes ? view : new MessageView(view.opcode, bytes);
}

/** The same for the same number, however it is written; JSON itself. */
function canonical(token: string): string {
  const [, sign = "", whole = "", part = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const all = (whole + part).replace(/^0+/, "");
  let end = all.length;
  while (end > 0 && all[end - 1] === "0") end--;
  if (end === 0) return whole === "" ? token : "0";
  const exponent = Number(power) - part.length + all.length - end;
  const digits = sign + all.slice(0, end);
  return exponent >= 0 && exponent <= 400 ? digits + "0".repeat(exponent) : `${digits}e${exponent}`;
}

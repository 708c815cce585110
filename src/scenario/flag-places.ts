/** Owns which flag a part of the scenario of flags comes from: there is no file to point into. */
import type { YamlPath } from "../base/yaml-source.js";
import type { LoadFlags } from "./from-flags.js";

/** What of the flags is counted. */
type Given = Pick<LoadFlags, "messages" | "firstMessages" | "connection">;

/** The flag's name, and which of several it is: `the 2nd -m`. */
export function flagPlace(
  { messages, firstMessages, connection }: Given,
  path: YamlPath,
): string | undefined {
  const [top, second, third, fourth, fifth] = path;
  if (top === "flow" && typeof second === "number") {
    if (second < firstMessages.length) {
      return nth("--first-message", second, firstMessages.length);
    }
    const isSent = (third === "loop" || third === "every") && fourth === "send";
    return isSent && typeof fifth === "number" ? nth("-m", fifth, messages.length) : undefined;
  }
  if (top === "config" && second === "load") return third === "warmup" ? "--warmup" : undefined;
  if (top !== "config" || second !== "connection") return undefined;
  const { headers, subprotocols } = connection;
  if (third === "headers") {
    const index =
      typeof fourth === "number" ? fourth : headers.findIndex(([name]) => name === fourth);
    return nth("-H", index, headers.length);
  }
  return third === "subprotocols" && typeof fourth === "number"
    ? nth("-s", fourth, subprotocols.length)
    : undefined;
}

function nth(flag: string, index: number, count: number): string {
  return count > 1 ? `the ${ordinal(index + 1)} ${flag}` : flag;
}

function ordinal(number: number): string {
  const ending = Math.floor(number / 10) % 10 === 1 ? undefined : endings[number % 10];
  return `${number}${ending ?? "th"}`;
}

const endings = ["th", "st", "nd", "rd"];

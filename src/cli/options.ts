/** Owns how the values of flags are read: what may be repeated, what must be a number of some kind. */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { messageOf, WsctlError } from "../base/errors.js";
import { parseSize } from "../base/quantity.js";

/** Collects a flag that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** A commander parser that checks with `parse` and keeps the text as it was written. */
export function checkedBy(parse: (text: string) => number): (text: string) => string {
  return (text) => {
    checked(parse)(text);
    return text;
  };
}

/** A commander parser whose value is what `parse` makes of the text. */
export function checked(parse: (text: string) => number): (text: string) => number {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      const hint = error instanceof WsctlError && error.hint ? `; ${error.hint}` : "";
      throw new InvalidArgumentError(`${messageOf(error)}${hint}`);
    }
  };
}

/** A port number; 0 is any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}

/** A name or an address to listen on. */
export function parseHost(text: string): string {
  if (/^[^\s/]+$/.test(text)) return text;
  throw new InvalidArgumentError("It is a name or an IP address.");
}

/** A size of one byte or more. */
export function parseSizeOfSome(text: string): number {
  const bytes = checked(parseSize)(text);
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError("It is at least 1 byte.");
}

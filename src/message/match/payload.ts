/** Owns the conditions on a message's payload as a whole: its text, its bytes, its opcode. */
import { Opcode } from "../../frame/opcode.js";
import type { JsonValue } from "../json.js";
import { compileRegex } from "../regex.js";
import { refuse, requireString, show, showText } from "./check.js";
import type { Check } from "./check.js";
import { nearest } from "../../base/nearest.js";

/** `text:` the whole text of the message, exactly. Part of it is `contains:`. */
export function compileText(wanted: JsonValue): Check {
  const text = requireString("text", wanted, "hello");
  return {
    test: (view) => view.text === text,
    explain: (view, hide) => `the text is ${showText(view, hide)}, not ${show(text)}`,
  };
}

/** `contains:` somewhere in the text of the message. */
export function compileContains(wanted: JsonValue): Check {
  const text = requireString("contains", wanted, "hello");
  return {
    test: (view) => view.text?.includes(text) ?? false,
    explain: (view, hide) => `${show(text)} is not in ${showText(view, hide)}`,
  };
}

/** `matches:` a regular expression, found anywhere in the text of the message. */
export function compileMatches(wanted: JsonValue): Check {
  const source = requireString("matches", wanted, "^hello");
  const regex = compileRegex(source);
  return {
    test: (view) => view.text !== undefined && regex.test(view.text),
    explain: (view, hide) => `${showText(view, hide)} has no match of ${show(source)}`,
  };
}

/** `binary:` the first bytes of the message, in hexadecimal. */
export function compileBinary(wanted: JsonValue): Check {
  const hex = requireString("binary", wanted, '"0001ff"').replace(/[\s:]/g, "");
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) {
    throw refuse("binary", `${show(wanted)} is not hexadecimal`, "two digits a byte, like 0001ff");
  }
  const prefix = Buffer.from(hex, "hex");
  return {
    test: ({ bytes }) =>
      bytes.length >= prefix.length && prefix.compare(bytes, 0, prefix.length) === 0,
    explain: ({ bytes }) =>
      `the message begins with ${bytes.toString("hex", 0, prefix.length) || "nothing"}, not ${hex}`,
  };
}

const opcodes: ReadonlyMap<string, number> = new Map(
  Object.entries(Opcode).filter(([name]) => name !== "continuation"),
);

/** `opcode:` text, binary, close, ping or pong. */
export function compileOpcode(wanted: JsonValue): Check {
  const name = requireString("opcode", wanted, "text");
  const opcode = opcodes.get(name);
  if (opcode === undefined) {
    const guess = nearest(name, opcodes.keys());
    throw refuse(
      "opcode",
      `there is no ${show(name)}`,
      guess ? `did you mean ${guess}?` : `there are ${[...opcodes.keys()].join(", ")}`,
    );
  }
  return {
    test: (view) => view.opcode === opcode,
    explain: (view) => `it is ${opcodeName(view.opcode)}, not ${name}`,
  };
}

/** A spec that names no opcode speaks of messages: a ping never answers an `expect`. */
export const dataOnly: Check = {
  test: (view) => view.isData,
  explain: (view) => `it is ${opcodeName(view.opcode)}, not a message`,
};

function opcodeName(opcode: number): string {
  for (const [name, code] of opcodes) if (code === opcode) return name;
  return `opcode ${opcode}`;
}

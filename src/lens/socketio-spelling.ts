/** Owns how people write packets of Socket.IO. */
import { jsonOf, valueEnd } from "./json-text.js";
import { isPlainObject } from "./plain.js";
import { misspelt, valuesIn } from "./spelling.js";

/** A line that {@link packetText} takes. */
export const example = 'chat {"room":"lobby"} "hello"';

/**
 * The Engine.IO message that a line stands for. `/` and `/admin {"token":"x"}` connect to a
 * namespace, `chat 1 "b"` and `/admin chat` emit an event, and `chat? 1` asks for an
 * acknowledgement. A name that has blanks or ends in a question mark is put in quotation marks.
 * @param nextId the id of an acknowledgement, taken only when one is asked for
 * @throws WsctlError WSCTL_EUSAGE
 */
export function packetText(line: string, nextId: () => number): string {
  const [, namespace, said = ""] = /^(?:(\/\S*)\s*)?([\s\S]*)$/.exec(line.trim()) ?? [];
  if (namespace?.includes(",")) throw misspelt("a namespace has no comma", example);
  const prefix = namespace === undefined || namespace === "/" ? "" : `${namespace},`;
  if (namespace !== undefined && /^(?:$|\{)/.test(said)) {
    if (said !== "" && !isPlainObject(jsonOf(said))) {
      throw misspelt("what a connection is authorized by is a JSON object", '/admin {"token":"x"}');
    }
    return `40${prefix}${said}`;
  }
  const nameEnd = said.startsWith('"') ? valueEnd(said, 0) : said.search(/\s|$/);
  const word = said.slice(0, nameEnd);
  const quoted = word.startsWith('"');
  const name = quoted ? jsonOf(word) : word.replace(/\?$/, "");
  if (typeof name !== "string" || name === "" || /^[{[]/.test(name)) {
    throw misspelt("the name of the event is missing", example);
  }
  const behind = said.slice(nameEnd);
  const asks = quoted ? behind.startsWith("?") : word.endsWith("?");
  const rest = quoted && asks ? behind.slice(1) : behind;
  const values = [JSON.stringify(name), ...valuesIn(rest, example)];
  return `42${prefix}${asks ? nextId() : ""}[${values.join(",")}]`;
}

/** Owns the lens json: any JSON, in text or binary messages. */
import { jsonOf, oneLine, textOf } from "./json-text.js";
import type { Lens } from "./lens.js";
import { outline } from "./plain.js";
import { textMessage, wellFormed } from "./spelling.js";
import { titleOf } from "./title.js";

const example = '{"type":"hello"}';

/** Shows JSON, and refuses to send anything else. */
export const json: Lens = {
  name: "json",
  summary: "any JSON; what is sent is checked first",
  example,
  subprotocols: ["json"],
  create: () => ({
    see(message) {
      const text = textOf(message);
      const body = text === undefined ? undefined : jsonOf(text);
      if (text === undefined || body === undefined) return undefined;
      const title = titleOf(message.direction, outline(body));
      return { title, kind: "event", body, line: () => oneLine(text) };
    },
    encode(text) {
      wellFormed(text, example);
      return textMessage(text.trim());
    },
  }),
};

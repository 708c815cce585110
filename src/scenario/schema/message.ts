/** Owns the schema of messages: what is sent, and how. */
import { z } from "zod";
import { bytes, choice, count, json, oneOrMore, size, text, truth, wholeCheck } from "./kinds.js";

const contents = ["text", "json", "binary", "size"] as const;

/** In base64 a larger payload would be longer than a string of JavaScript can be. */
const largestPayload = 256 * 1024 ** 2;

const wholeMessage = z
  .strictObject({
    text: text("Sent as it is; a template.", "hello {{ users.name }}").optional(),
    json: json("Sent as JSON; every text in it is a template.").optional(),
    binary: bytes("Bytes: hex:0001ff, base64:AAH/, or @file beside the scenario.").optional(),
    size: size("So many random bytes, drawn once per run.", { to: largestPayload }).optional(),
    as: choice("The opcode; text unless the content is binary.", ["text", "binary"]).optional(),
    fragments: count("In how many frames it is sent.", { from: 1, to: 10_000 }).optional(),
    reply: truth("false: no reply is expected, whatever correlate says.").optional(),
  })
  .check(
    wholeCheck((map) => {
      const given = contents.filter((key) => map[key] !== undefined);
      if (given.length === 1) {
        if (map["binary"] === undefined || map["as"] !== "text") return undefined;
        return { message: "bytes cannot be sent as text", hint: "leave as out", path: ["as"] };
      }
      const all = "text, json, binary and size";
      if (given.length > 1) {
        return {
          message: `a message has one content, not ${given.join(" and ")}`,
          hint: `keep one of ${all}`,
        };
      }
      return {
        message: "a message needs a content",
        hint: `give it one of ${all}`,
        isDerived: true,
      };
    }),
  )
  .meta({ id: "content", title: "a message such as { json: { op: hello } }" });

const title = "a message: text, or a map such as { json: { op: hello } }";

/** One message. */
export const message = z
  .union([text("Sent as it is; a template.", "hello"), wholeMessage])
  .meta({ id: "message", title, description: "What is sent.", examples: ["hello"] });

/** One message or several, in turn. */
export const messages = oneOrMore(message, `${title}; or a list`, "What is sent; several in turn.");

/** Owns answers that agree to what nobody offered (RFC 6455 §4.1, items 5 and 6 of the client's checks). */
import { safeLine } from "../../base/safe-text.js";
import type { Fault, FaultKind } from "../fault.js";
import { refuse } from "./value.js";

/** Puts another value of a header in place of those that are there. */
function withHeader(head: Buffer, name: string, value: (old: string) => string): Buffer {
  const field = new RegExp(`^${name}[ \\t]*:[ \\t]*([^\\r\\n]*)\\r?\\n`, "gim");
  const text = head.toString("latin1");
  const old = Array.from(text.matchAll(field), ([, each]) => each).join(", ");
  const rest = text.replace(field, "").replace(/\r?\n\r?\n$/, "");
  return Buffer.from(`${rest}\r\n${name}: ${value(old)}\r\n\r\n`, "latin1");
}

function unasked(name: string, value: (old: string) => string): Fault {
  return {
    attach: (stage) => ({
      answer(answer) {
        if (stage.fires()) {
          answer.head = withHeader(answer.head, name, value);
          stage.injected();
        }
        stage.pass(answer);
      },
    }),
  };
}

const reveals = "takes what it did not ask for";

export const unaskedSubprotocol: FaultKind = {
  summary: "agrees to a subprotocol that the client did not offer",
  reveals,
  value: { what: "its name", example: "graphql-ws", default: "wsctl.unasked" },
  counts: "connections",
  create({ value }) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) {
      refuse(`"${safeLine(value)}" is no name of a subprotocol`, "write it like chat.v2");
    }
    return unasked("Sec-WebSocket-Protocol", () => value);
  },
};

export const unaskedExtension: FaultKind = {
  summary: "agrees to an extension that the client did not offer, beside those that it did",
  reveals,
  value: {
    what: "the extension, with its parameters",
    example: "permessage-bzip2; level=9",
    default: "x-wsctl-unasked",
  },
  counts: "connections",
  create({ value }) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: ?; ?[\x21-\x3a\x3c-\x7e]+)*$/.test(value)) {
      refuse(`"${safeLine(value)}" is no extension`, "write it like x-name, or x-name; level=9");
    }
    return unasked("Sec-WebSocket-Extensions", (old) => (old === "" ? value : `${old}, ${value}`));
  },
};

/** Owns data behind a close frame, which is not to be processed (RFC 6455 §5.5.1). */
import { Opcode } from "../../frame/opcode.js";
import type { FaultKind } from "../fault.js";
import { makeFrame, makeRaw } from "../outgoing.js";

export const dataAfterClose: FaultKind = {
  summary: "sends a text message behind the close frame",
  reveals: "takes data after a close",
  value: { what: "its text", example: "hello", default: "after the close" },
  counts: "closes",
  create({ value }) {
    const { bytes } = makeFrame({ opcode: Opcode.text }, Buffer.from(value));
    return {
      attach: (stage) => ({
        control(control) {
          const fires = control.opcode === Opcode.close && stage.fires();
          stage.pass(control);
          if (!fires) return;
          // No message that counts as delivered: nobody should take it.
          stage.send(makeRaw(bytes));
          stage.injected();
        },
      }),
    };
  },
};

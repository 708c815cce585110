/** Owns the message that comes in the same segment as the 101. */
import { Opcode } from "../../frame/opcode.js";
import type { FaultKind } from "../fault.js";
import { makeFrame } from "../outgoing.js";

export const gluedFrame: FaultKind = {
  summary: "sends a text message in the same write as the 101",
  reveals: "the first message is lost",
  value: { what: "its text", example: "hello", default: "glued" },
  counts: "connections",
  create({ value }) {
    const { bytes } = makeFrame({ opcode: Opcode.text }, Buffer.from(value));
    return {
      attach: (stage) => ({
        answer(answer) {
          if (stage.fires()) {
            answer.glued = [...answer.glued, bytes];
            stage.injected();
          }
          stage.pass(answer);
        },
      }),
    };
  },
};

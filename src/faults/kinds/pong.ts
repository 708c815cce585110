/** Owns pings that are answered late or not at all. */
import { parseDuration } from "../../base/quantity.js";
import { Opcode } from "../../frame/opcode.js";
import type { Fault, FaultKind } from "../fault.js";
import type { Control } from "../outgoing.js";
import type { Stage } from "../stage.js";

const reveals = "a dead connection is not noticed";

function onPong(act: (stage: Stage, pong: Control) => void): Fault {
  return {
    attach: (stage) => ({
      control(control) {
        if (control.opcode === Opcode.pong && stage.fires()) {
          stage.injected();
          act(stage, control);
        } else {
          stage.pass(control);
        }
      },
    }),
  };
}

export const noPong: FaultKind = {
  summary: "answers no ping",
  reveals,
  counts: "pongs",
  create: () => onPong((stage, pong) => stage.drop(pong)),
};

export const latePong: FaultKind = {
  summary: "answers pings late, while messages go on",
  reveals,
  value: { what: "how late", example: "30s", default: "5s" },
  counts: "pongs",
  create({ value }) {
    const ms = parseDuration(value);
    return onPong((stage, pong) => stage.setAside(pong, ms));
  },
};

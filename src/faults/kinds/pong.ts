/** Owns pings that are answered late, wrongly, or not at all. */
import { parseDuration } from "../../base/quantity.js";
import type { Random } from "../../base/random.js";
import { Opcode } from "../../frame/opcode.js";
import type { Fault, FaultKind } from "../fault.js";
import { makeControl, makeFrame, payloadOf, type Control } from "../outgoing.js";
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

/** Never what it was: one byte differs; where there was none, there are some. */
function otherThan(payload: Buffer, random: Random): Buffer {
  const other = Buffer.from(payload.length > 0 ? payload : "wsctl");
  other[random.int(0, other.length - 1)]! ^= random.int(1, 255);
  return other;
}

export const wrongPong: FaultKind = {
  summary: "answers pings with another payload",
  reveals: "any pong is taken for the one that was asked for",
  counts: "pongs",
  create: () =>
    onPong((stage, pong) => {
      const payload = otherThan(payloadOf(pong.frame), stage.random);
      stage.drop(pong);
      stage.send(makeControl(makeFrame({ opcode: Opcode.pong }, payload), true));
    }),
};

/** Owns answers to the upgrade that take their time, or forever. */
import { parseDuration } from "../../base/quantity.js";
import type { Fault, FaultKind } from "../fault.js";

function late(ms: number): Fault {
  return {
    attach: (stage) => ({
      answer(answer) {
        const fires = stage.fires();
        if (fires) stage.injected();
        stage.pass(answer, fires ? ms : 0);
      },
    }),
  };
}

export const slow101: FaultKind = {
  summary: "holds the answer to the upgrade back",
  reveals: "no time limit for the handshake",
  value: { what: "how long", example: "10s", default: "2s" },
  counts: "connections",
  create: ({ value }) => late(parseDuration(value)),
};

export const never101: FaultKind = {
  summary: "accepts the connection and never answers the upgrade",
  reveals: "no time limit for the handshake",
  counts: "connections",
  create: () => late(Infinity),
};

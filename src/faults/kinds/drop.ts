/** Owns messages that never arrive. */
import type { FaultKind } from "../fault.js";

export const drop: FaultKind = {
  summary: "loses messages",
  reveals: "no check for gaps",
  create: () => ({
    attach: (stage) => ({
      message(message) {
        if (!stage.fires()) return stage.pass(message);
        stage.injected();
        stage.drop(message);
      },
    }),
  }),
};

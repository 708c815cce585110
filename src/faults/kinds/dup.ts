/** Owns messages that arrive twice. */
import type { FaultKind } from "../fault.js";

export const dup: FaultKind = {
  summary: "sends messages twice",
  reveals: "no check for duplicates",
  create: () => ({
    attach: (stage) => ({
      message(message) {
        const twin = stage.fires() ? stage.copy(message) : undefined;
        stage.pass(message);
        if (!twin) return;
        stage.pass(twin);
        stage.injected();
      },
    }),
  }),
};

/** Owns the server that lets clients in and drops them at once. */
import type { FaultKind } from "../fault.js";

export const flap: FaultKind = {
  summary: "ends the connection right after the 101",
  reveals: "the delay of reconnects starts anew at each opening",
  counts: "connections",
  create: () => ({
    attach: (stage) => ({
      answer(answer) {
        const fires = stage.fires();
        stage.pass(answer);
        if (!fires) return;
        stage.fin();
        stage.injected();
      },
    }),
  }),
};

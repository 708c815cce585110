/** Owns messages that come late, and all behind them. */
import { parseDuration } from "../../base/quantity.js";
import type { FaultKind } from "../fault.js";

export const delay: FaultKind = {
  summary: "holds messages back; what follows waits, the order stays",
  reveals: "impatient timeouts, or none",
  value: { what: "how long", example: "250ms", default: "50ms" },
  create({ value }) {
    const ms = parseDuration(value);
    return {
      attach: (stage) => ({
        message(message) {
          const fires = stage.fires();
          if (fires) stage.injected();
          stage.pass(message, fires ? ms : 0);
        },
      }),
    };
  },
};

/** Owns the connection that is cut, under its two names. */
import { parseDuration } from "../../base/quantity.js";
import type { FaultKind } from "../fault.js";
import { actAfter } from "../when.js";

export const rst: FaultKind = {
  summary: "cuts the connection with RST",
  reveals: "hangs, or misreports how it ended",
  value: { what: "how long after the opening", example: "30s", default: "0" },
  create({ value }) {
    const ms = parseDuration(value);
    return {
      attach: (stage) =>
        actAfter(stage, ms, () => {
          stage.injected();
          stage.reset();
        }),
    };
  },
};

export const reset: FaultKind = { ...rst, summary: "the same as rst, by toxiproxy's name for it" };

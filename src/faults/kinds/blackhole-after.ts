/** Owns the half-open connection: the other side is gone, and nothing tells. */
import { parseDuration } from "../../base/quantity.js";
import type { FaultKind } from "../fault.js";
import { actAfter, isScheduled } from "../when.js";

export const blackholeAfter: FaultKind = {
  summary: "says nothing any more, not even FIN",
  reveals: "a half-open connection is not noticed",
  value: {
    what: "how long after the opening, or after at= and every= (then at once)",
    example: "30s",
    default: "10s",
  },
  create({ value, given, schedule }) {
    const ms = parseDuration(value);
    return {
      attach: (stage) =>
        actAfter(stage, given || !isScheduled({ schedule }) ? ms : 0, () => {
          if (stage.silence()) stage.injected();
        }),
    };
  },
};

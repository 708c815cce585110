/** Owns closing handshakes that the server begins, with the codes that clients must tell apart. */
import { parseDuration } from "../../base/quantity.js";
import { isValidCloseCode } from "../../frame/close.js";
import type { FaultKind } from "../fault.js";
import { actAfter } from "../when.js";

export const closeCode: FaultKind = {
  summary: "closes the connection with that code",
  reveals: "the wrong policy of reconnects",
  value: { what: "how long after the opening", example: "30s", default: "0" },
  numbers: { examples: [1001, 1008, 1011, 1012, 1013, 4000], accepts: isValidCloseCode },
  create({ value, number }) {
    const ms = parseDuration(value);
    return {
      attach: (stage) =>
        actAfter(stage, ms, () => {
          if (stage.close(number, "")) stage.injected();
        }),
    };
  },
};

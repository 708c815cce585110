/** Owns the server that reads from its clients slowly, or not at all. */
import type { FaultKind } from "../fault.js";
import { actAfter } from "../when.js";
import { parseByteRate } from "./value.js";

export const slowConsumer: FaultKind = {
  summary: "reads from the client no faster than that, 0 being never; the kernel's buffers fill",
  reveals: "a send buffer without bound",
  value: { what: "bytes per second", example: "10KiB/s", default: "0" },
  create({ value }) {
    const rate = parseByteRate(value);
    return {
      attach(stage) {
        let isSlow = false;
        /** When what was read is paid for. */
        let paid = -Infinity;
        const hooks = actAfter(stage, 0, () => {
          if (isSlow) return;
          isSlow = true;
          stage.injected();
          if (rate === 0) stage.read(false);
          stage.after(stage.untilOver, () => {
            isSlow = false;
            stage.read(true);
          });
        });
        return {
          ...hooks,
          incoming(size) {
            if (!isSlow || rate === 0) return;
            const now = stage.now();
            paid = Math.max(now, paid) + (size / rate) * 1000;
            stage.read(false);
            const look = (): void => {
              const left = isSlow ? paid - stage.now() : 0;
              if (left > 0) stage.after(left, look);
              else stage.read(true);
            };
            stage.after(paid - now, look);
          },
        };
      },
    };
  },
};

/** Owns what load balancers do to connections: end them after some silence, or at some age. */
import { WsctlError } from "../../base/errors.js";
import { parseDuration } from "../../base/quantity.js";
import type { FaultKind } from "../fault.js";
import type { Stage } from "../stage.js";
import { actAfter, isScheduled } from "../when.js";

const reveals = "no heartbeat, or no way to resume";

function kill(stage: Stage): void {
  if (stage.fin()) stage.injected();
}

export const idleKill: FaultKind = {
  summary: "ends TCP when nothing was said either way for that long",
  reveals,
  value: { what: "how long", example: "30s", default: "60s" },
  create({ value }) {
    const limit = parseDuration(value);
    if (limit === 0) {
      throw new WsctlError("WSCTL_EUSAGE", "idle-kill=0 would leave no time to speak", {
        hint: "lifetime-kill=0 ends connections at once",
      });
    }
    return {
      attach(stage) {
        let last = 0;
        const watch = (): void =>
          stage.after(last + limit - stage.now(), () => {
            if (stage.now() - last >= limit) {
              if (stage.fires()) return kill(stage);
              last = stage.now();
            }
            watch();
          });
        return {
          opened() {
            last = stage.now();
            watch();
          },
          traffic() {
            last = stage.now();
          },
        };
      },
    };
  },
};

export const lifetimeKill: FaultKind = {
  summary: "ends TCP at that age, however busy the connection is",
  reveals,
  value: {
    what: "how long after the opening, or after at= and every= (then at once)",
    example: "30s",
    default: "5m",
  },
  create({ value, given, schedule }) {
    const ms = given || !isScheduled({ schedule }) ? parseDuration(value) : 0;
    return { attach: (stage) => actAfter(stage, ms, () => kill(stage)) };
  },
};

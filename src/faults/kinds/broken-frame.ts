/** Owns frames that break RFC 6455 §5 by a bit of their header. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import type { OutgoingFrame } from "../../frame/encode.js";
import type { Fault, FaultKind } from "../fault.js";
import { makeFrame, payloadOf } from "../outgoing.js";
import type { Stage } from "../stage.js";

const reveals = "a broken frame does not fail the connection";

/** Puts another header before the first frame of a message. */
function broken(change: (head: OutgoingFrame, stage: Stage) => OutgoingFrame): Fault {
  return {
    attach: (stage) => ({
      message(message) {
        if (stage.fires()) {
          const [first, ...others] = message.frames;
          const { opcode, fin, rsv } = first!;
          const changed = makeFrame(change({ opcode, fin, rsv }, stage), payloadOf(first!));
          message.frames = [changed, ...others];
          stage.injected();
        }
        stage.pass(message);
      },
    }),
  };
}

function oneOf(value: string, choices: readonly number[]): number {
  const chosen = choices.find((choice) => String(choice) === value);
  if (chosen !== undefined) return chosen;
  throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(value)}" is none of ${choices.join(", ")}`, {
    hint: `write one of ${choices.join(", ")}`,
  });
}

export const maskedFrame: FaultKind = {
  summary: "masks a frame, as only clients may",
  reveals,
  create: () => broken((head, stage) => ({ ...head, mask: stage.random.uint32() })),
};

export const rsv: FaultKind = {
  summary: "sets a reserved bit that no extension gave a meaning",
  reveals,
  value: { what: "which of RSV1, RSV2 and RSV3", example: "1", default: "2" },
  create({ value }) {
    const bit = 8 >> oneOf(value, [1, 2, 3]);
    return broken((head) => ({ ...head, rsv: (head.rsv ?? 0) | bit }));
  },
};

export const badOpcode: FaultKind = {
  summary: "sends a message under a reserved opcode",
  reveals,
  value: { what: "which opcode", example: "11", default: "3" },
  create({ value }) {
    const opcode = oneOf(value, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);
    return broken((head) => ({ ...head, opcode }));
  },
};

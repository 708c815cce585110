/** Owns the answer to the upgrade that comes byte by byte. */
import { inSlices } from "../drip.js";
import type { FaultKind } from "../fault.js";
import { bytesOf } from "../outgoing.js";
import { parsePause } from "./value.js";

export const dripHeaders: FaultKind = {
  summary: "sends the 101 byte by byte",
  reveals: "a time limit for each read, and none for the handshake",
  value: { what: "the pause behind each byte, 1ms or more", example: "1s", default: "50ms" },
  counts: "connections",
  layer: "frames",
  create({ value }) {
    const ms = parsePause(value);
    const one = (): number => 1;
    return {
      attach: (stage) => ({
        answer(answer) {
          if (!stage.fires()) return stage.pass(answer);
          stage.injected();
          stage.drip(
            answer,
            inSlices(bytesOf(answer), one, () => ms),
          );
        },
      }),
    };
  },
};

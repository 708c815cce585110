/** Owns messages that arrive after one that was sent later. */
import { parseDuration } from "../../base/quantity.js";
import { Opcode } from "../../frame/opcode.js";
import type { FaultKind } from "../fault.js";
import { isSame, type Message } from "../outgoing.js";

export const reorder: FaultKind = {
  summary:
    "holds a message until the next one has overtaken it; counted where that is another message, and no copy that `dup` made",
  reveals: "no check for the order",
  value: { what: "how long it waits at most for a next one", example: "5s", default: "1s" },
  create({ value }) {
    const patience = parseDuration(value);
    return {
      attach(stage) {
        let held: Message | undefined;
        /** Which passed last: a copy of it that comes later comes again, not too late. */
        let last: number | undefined;
        let isAgain = false;
        // Nothing overtook it: it goes where it was, and is not counted.
        const giveUp = (): void => {
          if (held) stage.restore(held);
          held = undefined;
        };
        return {
          message(message) {
            if (held && !stage.isAside(held)) held = undefined;
            // Asked in any case: every message is one draw. One at a time is held.
            if (stage.fires(held === undefined)) {
              held = message;
              isAgain = last !== undefined && last === message.number;
              stage.setAside(message, patience);
              return;
            }
            stage.pass(message);
            last = message.number;
            if (!held) return;
            // Its own copy is no message that it came too late for.
            const isOvertaken = !isAgain && !isSame(held, message);
            if (stage.restore(held) && isOvertaken) stage.injected();
            held = undefined;
          },
          control(control) {
            // After a close no message counts.
            if (control.opcode === Opcode.close) giveUp();
            stage.pass(control);
          },
          finishing(fin) {
            giveUp();
            stage.pass(fin);
          },
        };
      },
    };
  },
};

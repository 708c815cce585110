/** Owns connections that networks end, or keep from ending. */
import { parseDuration, parseSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { FaultKind } from "../fault.js";
import { bytesOf } from "../outgoing.js";
import type { Stage } from "../stage.js";
import { actAfter, atMoments, isCounted, isScheduled } from "../when.js";
import { refuse } from "./value.js";

export const slowClose: FaultKind = {
  summary: "ends TCP later than the closing handshake",
  reveals: "waits too long for the server to go, or not at all",
  value: { what: "how much later", example: "1s", default: "2s" },
  counts: "connections",
  layer: "bytes",
  create({ value }) {
    const ms = parseDuration(value);
    return {
      attach: (stage) => ({
        finishing(fin) {
          const fires = stage.fires();
          if (fires) stage.injected();
          stage.pass(fin, fires ? ms : 0);
        },
      }),
    };
  },
};

export const timeout: FaultKind = {
  summary: "lets nothing pass, not even the 101, and ends TCP after that; 0: never",
  reveals: "no time limit, and no heartbeat",
  value: { what: "how long until the end", example: "30s", default: "5s" },
  layer: "bytes",
  create({ value, schedule }) {
    const ms = parseDuration(value);
    const begin = (stage: Stage): void => {
      if (!stage.silence()) return;
      stage.injected();
      if (ms > 0) stage.after(ms, () => stage.silentFin());
    };
    return {
      attach(stage) {
        if (isScheduled({ schedule })) return actAfter(stage, 0, () => begin(stage));
        return fromTheStart(stage, () => begin(stage));
      },
    };
  },
};

/** Calls `act` once for a connection: before anything leaves, or at once for one that is open. */
function fromTheStart(stage: Stage, act: () => void): ReturnType<typeof actAfter> {
  let isAsked = false;
  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    if (stage.fires()) act();
  };
  return {
    chunk(chunk) {
      ask();
      stage.pass(chunk);
    },
    opened: ask,
  };
}

export const limitData: FaultKind = {
  summary: "ends TCP when so many bytes have left, in the middle of a frame or of the 101",
  reveals: "takes a part for the whole, or misreports 1006",
  value: { what: "how many bytes, the head included", example: "10KiB", default: "1MiB" },
  counts: "connections",
  layer: "bytes",
  create({ value }) {
    const limit = parseSize(value);
    return {
      attach(stage) {
        let left: number | undefined;
        return {
          chunk(chunk) {
            left ??= stage.fires() ? limit : Infinity;
            const size = bytesOf(chunk).reduce((sum, { length }) => sum + length, 0);
            if (size < left) {
              left -= size;
              stage.pass(chunk);
              return;
            }
            stage.injected();
            if (size === left) stage.pass(chunk);
            else stage.truncate(chunk, left);
            stage.fin();
          },
        };
      },
    };
  },
};

export const down: FaultKind = {
  summary: "ends every connection, and each that comes while it lasts, without an answer",
  reveals: "reconnects without a pause, or never again",
  value: { what: "how: reset or fin", example: "fin", default: "reset" },
  layer: "bytes",
  create({ value, schedule }) {
    if (value !== "reset" && value !== "fin") {
      refuse(`"${safeLine(value)}" is neither reset nor fin`, "write down, or down=fin");
    }
    if (isCounted({ schedule })) {
      refuse("down goes by the clock", "write it like down,at=10s,for=5s");
    }
    const end = (stage: Stage): void => {
      stage.injected();
      if (value === "reset") stage.reset();
      else stage.fin();
    };
    return {
      attach(stage) {
        let isOver = false;
        const ask = (): void => {
          if (isOver || !stage.fires()) return;
          isOver = true;
          end(stage);
        };
        let isFirst = true;
        return {
          chunk(chunk) {
            if (isFirst) ask();
            isFirst = false;
            if (isOver) stage.drop(chunk);
            else stage.pass(chunk);
          },
          opened() {
            // One that was there before the fault has nothing to be refused.
            if (isFirst && !isScheduled(stage)) ask();
            isFirst = false;
            atMoments(stage, () => {
              if (isOver) return;
              isOver = true;
              end(stage);
            });
          },
        };
      },
    };
  },
};

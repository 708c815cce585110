/** Owns telling lines apart where lines of unknown kinds may stand between the others. */
import type { CloseLine, KnownLine, MessageLine, OtherLine, UpgradeLine } from "../line.js";

/** Whether it is a message, a ping or a pong. */
export function isMessage(line: KnownLine | OtherLine): line is MessageLine {
  return line.k === "in" || line.k === "out";
}

/** Whether it is an upgrade. */
export function isUpgrade(line: KnownLine | OtherLine): line is UpgradeLine {
  return line.k === "upgrade";
}

/** Whether it is a close. */
export function isClose(line: KnownLine | OtherLine): line is CloseLine {
  return line.k === "close";
}

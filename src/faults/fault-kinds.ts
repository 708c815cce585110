/**
 * Owns the catalogue of faults: one line for each. A name in capitals at its end stands for a
 * number, as in `close-1001`.
 */
import type { FaultKind } from "./fault.js";
import { acceptMissing, acceptStatic, acceptWrong } from "./kinds/accept.js";
import { blackholeAfter } from "./kinds/blackhole-after.js";
import { badOpcode, maskedFrame, rsv } from "./kinds/broken-frame.js";
import { closeCode } from "./kinds/close-code.js";
import { closeNoEcho, closeNoFin } from "./kinds/close-unfinished.js";
import { delay } from "./kinds/delay.js";
import { drop } from "./kinds/drop.js";
import { dup } from "./kinds/dup.js";
import { flap } from "./kinds/flap.js";
import { gluedFrame } from "./kinds/glued-frame.js";
import { idleKill, lifetimeKill } from "./kinds/kill.js";
import { never101, slow101 } from "./kinds/late-101.js";
import { badUtf8, corrupt } from "./kinds/payload-byte.js";
import { latePong, noPong } from "./kinds/pong.js";
import { reorder } from "./kinds/reorder.js";
import { rst } from "./kinds/rst.js";
import { stall } from "./kinds/stall.js";
import { upgradeStatus } from "./kinds/upgrade-status.js";

export type { FaultKind } from "./fault.js";

/** Every fault by its name, in the order of a connection's life. */
export const faultKinds: ReadonlyMap<string, FaultKind> = new Map([
  ["accept-wrong", acceptWrong],
  ["accept-missing", acceptMissing],
  ["accept-static", acceptStatic],
  ["upgrade-STATUS", upgradeStatus],
  ["never-101", never101],
  ["slow-101", slow101],
  ["glued-frame", gluedFrame],
  ["flap", flap],
  ["masked-frame", maskedFrame],
  ["rsv", rsv],
  ["bad-opcode", badOpcode],
  ["bad-utf8", badUtf8],
  ["drop", drop],
  ["dup", dup],
  ["reorder", reorder],
  ["corrupt", corrupt],
  ["delay", delay],
  ["stall", stall],
  ["no-pong", noPong],
  ["late-pong", latePong],
  ["close-CODE", closeCode],
  ["close-no-echo", closeNoEcho],
  ["close-no-fin", closeNoFin],
  ["rst", rst],
  ["blackhole-after", blackholeAfter],
  ["idle-kill", idleKill],
  ["lifetime-kill", lifetimeKill],
]);

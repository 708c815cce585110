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
import { dataAfterClose } from "./kinds/data-after-close.js";
import { bomb, deflateContextBreak } from "./kinds/deflated.js";
import { delay } from "./kinds/delay.js";
import { dripHeaders } from "./kinds/drip-headers.js";
import { drop } from "./kinds/drop.js";
import { dup } from "./kinds/dup.js";
import { flap } from "./kinds/flap.js";
import { fragmentDrip } from "./kinds/fragment-drip.js";
import { emptyFragments, splitUtf8 } from "./kinds/fragments.js";
import { gluedFrame } from "./kinds/glued-frame.js";
import { idleKill, lifetimeKill } from "./kinds/kill.js";
import { never101, slow101 } from "./kinds/late-101.js";
import { longLength } from "./kinds/long-length.js";
import { badUtf8, corrupt } from "./kinds/payload-byte.js";
import { latePong, noPong, wrongPong } from "./kinds/pong.js";
import { reorder } from "./kinds/reorder.js";
import { reset, rst } from "./kinds/rst.js";
import { slowConsumer } from "./kinds/slow-consumer.js";
import { stall } from "./kinds/stall.js";
import { swapBackend } from "./kinds/swap-backend.js";
import { unaskedExtension, unaskedSubprotocol } from "./kinds/unasked.js";
import { upgradeStatus } from "./kinds/upgrade-status.js";
import { down, limitData, slowClose, timeout } from "./kinds/wire-end.js";
import { bandwidth, latency, slicer } from "./kinds/wire-pace.js";

export type { FaultKind } from "./fault.js";

/** Every fault by its name, in the order of a connection's life; those of bytes alone come last. */
export const faultKinds: ReadonlyMap<string, FaultKind> = new Map([
  ["swap-backend", swapBackend],
  ["accept-wrong", acceptWrong],
  ["accept-missing", acceptMissing],
  ["accept-static", acceptStatic],
  ["unasked-subprotocol", unaskedSubprotocol],
  ["unasked-extension", unaskedExtension],
  ["upgrade-STATUS", upgradeStatus],
  ["never-101", never101],
  ["slow-101", slow101],
  ["drip-headers", dripHeaders],
  ["glued-frame", gluedFrame],
  ["flap", flap],
  ["masked-frame", maskedFrame],
  ["rsv", rsv],
  ["bad-opcode", badOpcode],
  ["long-length", longLength],
  ["bad-utf8", badUtf8],
  ["split-utf8", splitUtf8],
  ["empty-fragments", emptyFragments],
  ["fragment-drip", fragmentDrip],
  ["bomb", bomb],
  ["deflate-context-break", deflateContextBreak],
  ["drop", drop],
  ["dup", dup],
  ["reorder", reorder],
  ["corrupt", corrupt],
  ["delay", delay],
  ["stall", stall],
  ["no-pong", noPong],
  ["late-pong", latePong],
  ["wrong-pong", wrongPong],
  ["slow-consumer", slowConsumer],
  ["close-CODE", closeCode],
  ["data-after-close", dataAfterClose],
  ["close-no-echo", closeNoEcho],
  ["close-no-fin", closeNoFin],
  ["rst", rst],
  ["blackhole-after", blackholeAfter],
  ["idle-kill", idleKill],
  ["lifetime-kill", lifetimeKill],
  ["latency", latency],
  ["bandwidth", bandwidth],
  ["slicer", slicer],
  ["slow-close", slowClose],
  ["timeout", timeout],
  ["reset", reset],
  ["limit-data", limitData],
  ["down", down],
]);

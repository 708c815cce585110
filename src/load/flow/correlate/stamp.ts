/** Owns correlation by stamp: a message of ours that comes back answers its sending. */
import type { Incoming } from "../incoming.js";
import { Keyed } from "./keyed.js";

/** The stamp was read when the message came: it says whose it is, and the how manieth. */
export class ByStamp extends Keyed {
  keyOf({ isOwn, stamp }: Incoming): number | undefined {
    return isOwn ? stamp.sequence : undefined;
  }
}

/** Owns /pretty. */
import { switchCommand } from "../command.js";

/** `/pretty [on|off]` */
export const pretty = switchCommand("pretty", "lay JSON and texts out on several lines");

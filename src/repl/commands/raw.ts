/** Owns /raw. */
import { switchCommand } from "../command.js";

/** `/raw [on|off]` */
export const raw = switchCommand(
  "raw",
  "let control characters of the other side through to your terminal",
);

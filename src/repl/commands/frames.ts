/** Owns /frames. */
import { switchCommand } from "../command.js";

/** `/frames [on|off]` */
export const frames = switchCommand(
  "frames",
  "show every frame: opcode, FIN, RSV, mask, sizes; control frames too",
);

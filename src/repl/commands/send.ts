/** Owns /send. */
import { type Command, misused } from "../command.js";

/** `/send TEXT` */
export const send: Command = {
  name: "send",
  takes: "TEXT",
  summary: "send the text exactly as it is, past lens and templates",
  run: ({ link }, rest) => {
    if (rest === "") throw misused(send, "there is no text");
    return link.send({ data: Buffer.from(rest), binary: false });
  },
};

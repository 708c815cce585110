/** Owns /fragment. */
import { parseCount } from "../../base/quantity.js";
import { type Command, firstWord, misused } from "../command.js";

/** `/fragment K TEXT` */
export const fragment: Command = {
  name: "fragment",
  takes: "K TEXT",
  summary: "send the text as one message in K frames",
  run: ({ link, variables }, rest) => {
    const [count, text] = firstWord(rest);
    if (text === "") throw misused(fragment, "it takes a number and a text");
    return link.send({ ...link.messageOf(variables.fill(text)), fragments: parseCount(count) });
  },
};

/** Owns /filter. */
import { safeLine } from "../../base/safe-text.js";
import { parseMatchExpression } from "../../message/match-expression.js";
import type { Command } from "../command.js";

/** `/filter EXPR|off` */
export const filter: Command = {
  name: "filter",
  takes: "[EXPR|off]",
  summary: 'show only what matches of what comes in: $.op == "x", /regex/, text',
  completes: ["off"],
  run: ({ rules, feed, ink }, rest) => {
    if (rest === "off") rules.filter = undefined;
    else if (rest !== "") rules.filter = { matcher: parseMatchExpression(rest), source: rest };
    const source = rules.filter ? safeLine(rules.filter.source) : "off";
    feed.say(ink.chalk.dim(`· filter ${source}`));
  },
};

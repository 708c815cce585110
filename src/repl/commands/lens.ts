/** Owns /lens. */
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import { lenses } from "../../lens/lenses.js";
import type { Command } from "../command.js";

/** `/lens [NAME|off|auto]` */
export const lens: Command = {
  name: "lens",
  takes: "[NAME|auto|off]",
  summary: "read and write the protocol that rides on the messages",
  completes: [...lenses.keys(), "auto", "off"],
  run: ({ link, feed, ink: { chalk } }, rest) => {
    if (rest === "auto" || rest === "off") {
      link.lens = rest === "off" ? null : undefined;
      link.focus();
    } else if (rest !== "") {
      const chosen = lenses.get(rest);
      if (!chosen) {
        const guess = nearest(rest, lenses.keys());
        throw new WsctlError("WSCTL_EUSAGE", `there is no lens "${safeLine(rest, 40)}"`, {
          hint: guess ? `did you mean ${guess}?` : `there are ${[...lenses.keys()].join(", ")}`,
        });
      }
      link.lens = chosen;
      link.focus();
    }
    const active = link.activeLens;
    const lines = rest === "" ? [...lenses.values()] : active ? [active] : [];
    feed.say(
      [
        chalk.dim(`· lens ${active?.name ?? "off"}`),
        ...lines.map(({ name, summary }) => `${chalk.cyan(name.padEnd(9))} ${summary}`),
        ...(active ? [chalk.dim(`for example: ${active.example}`)] : []),
      ].join("\n"),
    );
  },
};

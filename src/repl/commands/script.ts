/** Owns /script. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { isUnfinished } from "../brackets.js";
import { type Command, misused } from "../command.js";
import { fileBytes } from "../files.js";

const largest = 1024 * 1024;

/** What is typed, with the number of its first line. */
function* statements(text: string): Generator<readonly [line: number, typed: string]> {
  let typed = "";
  let begun = 1;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (typed === "") {
      begun = index + 1;
      if (line.trim() === "" || line.startsWith("#")) continue;
    }
    typed += (typed === "" ? "" : "\n") + line;
    if (isUnfinished(typed)) continue;
    yield [begun, typed];
    typed = "";
  }
  if (typed !== "") yield [begun, typed];
}

/** `/script FILE` */
export const script: Command = {
  name: "script",
  takes: "FILE",
  summary: "do what the lines of a file say, one after the other; # begins a comment",
  isJob: true,
  completes: "file",
  run: async (desk, rest, signal) => {
    if (rest === "") throw misused(script, "which file?");
    const text = (await fileBytes(rest, largest)).toString("utf8");
    for (const [line, typed] of statements(text)) {
      if (signal.aborted) return;
      try {
        await desk.run(typed, signal);
      } catch (error) {
        if (!(error instanceof WsctlError)) throw error;
        const where = [...error.where, `${safeLine(rest)}:${line}`];
        throw new WsctlError(error.code, error.message, { hint: error.hint, where, cause: error });
      }
    }
  },
};

/** Owns /record. */
import { type Command, firstWord, misused } from "../command.js";

/** `/record [FILE|stop|mark TEXT]` */
export const record: Command = {
  name: "record",
  takes: "[FILE | stop | mark TEXT]",
  summary:
    "record the conversation from here on; stop ends that, mark TEXT notes something in it; alone, tell how it stands",
  completes: "file",
  words: ["stop", "mark "],
  run: async ({ tape, link, feed, ink }, rest) => {
    const say = (text: string) => feed.say(ink.chalk.dim(`· ${text}`));
    const [word, text] = firstWord(rest);
    if (rest === "") {
      say(tape.status ?? "nothing is being recorded");
    } else if (rest === "stop") {
      const done = await tape.stop();
      say(done?.summary ?? "nothing is being recorded");
    } else if (word === "mark") {
      if (text === "") throw misused(record, "the mark has no text");
      tape.mark(text);
      say("marked");
    } else {
      await tape.start(rest, link.options.target.url);
      say(tape.status ?? "");
    }
  },
};

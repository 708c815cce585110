/** Owns the flags of `wsctl record`: those of `connect`, and where to and for how long. */
import { parseDuration } from "../../base/quantity.js";
import { checked } from "../options.js";
import { talkOptions } from "./connect-options.js";

const examples = `
Examples:
  $ wsctl record wss://api.example/chat -o chat.wsrec        talk at the prompt, all of it is kept
  $ wsctl record wss://feed.example/ -o feed.wsrec -d 5m < /dev/null > /dev/null
  $ wsctl record ws://127.0.0.1:8080/ -o login.wsrec --redact '$.password' < lines.txt
  $ wsctl record --serve -o try.wsrec -x hello --count 1
  $ wsctl record @staging -o day.wsrec --append --reconnect -q < /dev/null > /dev/null

It goes on until the server closes, --duration is over, or Ctrl-C: the end of stdin ends nothing.
Headers, cookies and URL parameters that hold secrets are hidden, and so are their values wherever
else they appear; what is secret in messages is for --redact to say.`;

/** The command without what it does. */
export function recordOptions() {
  return talkOptions("record")
    .description(
      "connect, and keep everything that is said in a file, to be read, replayed, loaded",
    )
    .addHelpText("after", examples)
    .optionsGroup("Recording:")
    .option("-o, --output <file>", "the file to record to, a new one: it has to be named")
    .option(
      "-d, --duration <time>",
      "end after so long, counted from the first open connection",
      checked(parseDuration),
    );
}

/** Owns `wsctl connect`, and what `record` shares with it: flags → session → prompt or pipe → exit code. */
import { WsctlError } from "../../base/errors.js";
import { startEmbedded } from "../embedded-server.js";
import type { Host } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { TimeLimit } from "../time-limit.js";
import type { Course } from "./connect-course.js";
import { explained } from "./connect-failure.js";
import { MessageMaker, ownWords } from "./connect-messages.js";
import { connectOptions } from "./connect-options.js";
import { isPipe, runPipe } from "./connect-pipe.js";
import { Recordings } from "./connect-record.js";
import { runRepl } from "./connect-repl.js";
import { type Given, type Place, placeOf, sessionOptions } from "./connect-target.js";

/** The command; `exit` is told its exit code. */
export function connectCommand(host: Host, exit: (code: number) => void) {
  return connectOptions().action(async (url, flags, command) => {
    const isGiven = (flag: string): boolean =>
      command.getOptionValueSource(flag as keyof typeof flags) === "cli";
    exit(await converse(host, { url, flags, isGiven }));
  });
}

/** What a command wants of a conversation, beyond the flags that all have. */
interface Manner {
  /** Milliseconds after which it ends, once it is open; for ever unless told. */
  readonly duration?: number | undefined;
  /** Whether Ctrl-C is how it is meant to end, and no interruption. */
  readonly endsByHand?: boolean;
}

/**
 * Talks to a server, with whoever is there.
 * @returns the exit code
 * @throws WsctlError
 */
export async function converse(
  host: Host,
  given: Given,
  { duration, endsByHand = false }: Manner = {},
): Promise<number> {
  // Everything that can be wrong with the flags is said before a server is started for them.
  const place = placeOf(host, given, "ws://127.0.0.1:1/");
  const recordings = new Recordings(host, place.flags);
  const course = { recordings, limit: new TimeLimit(duration), endsByHand };
  for (const note of place.notes) {
    if (!given.flags.quiet) host.stderr.write(`${note}\n`);
  }
  const flags = await withAskedSecrets(place.flags, host);
  const maker = new MessageMaker(host, flags);
  sessionOptions({ ...place, flags }, host.env, ownWords(host, flags, maker));
  const interrupt = new Interrupt(host, () => {});
  const server = flags.serve ? await startEmbedded(host, flags.serveMode ?? "echo") : undefined;
  try {
    const found = { ...place, url: server?.url ?? place.url, flags };
    return await talk(host, given, found, interrupt, course);
  } catch (error) {
    const isAborted = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
    if (!isAborted || interrupt.exitCode === undefined) throw explained(error, flags);
    return interrupt.exitCode;
  } finally {
    interrupt.dispose();
    await server?.close();
  }
}

function talk(
  host: Host,
  given: Given,
  place: Place,
  interrupt: Interrupt,
  course: Course,
): Promise<number> {
  if (isPipe(host, place.flags)) return runPipe(host, place, interrupt, course);
  return runRepl(host, given, place, interrupt, course);
}

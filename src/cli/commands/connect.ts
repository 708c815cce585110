/** Owns `wsctl connect`: flags → session → prompt or pipe → exit code. */
import { WsctlError } from "../../base/errors.js";
import { startEmbedded } from "../embedded-server.js";
import type { Host } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { explained } from "./connect-failure.js";
import { MessageMaker, ownWords } from "./connect-messages.js";
import { connectOptions } from "./connect-options.js";
import { isPipe, runPipe } from "./connect-pipe.js";
import { runRepl } from "./connect-repl.js";
import { type Given, type Place, placeOf, sessionOptions } from "./connect-target.js";

/** The command; `exit` is told its exit code. */
export function connectCommand(host: Host, exit: (code: number) => void) {
  return connectOptions().action(async (url, flags, command) => {
    const isGiven = (flag: string): boolean =>
      command.getOptionValueSource(flag as keyof typeof flags) === "cli";
    exit(await connect(host, { url, flags, isGiven }));
  });
}

async function connect(host: Host, given: Given): Promise<number> {
  // Everything that can be wrong with the flags is said before a server is started for them.
  const place = placeOf(host, given, "ws://127.0.0.1:1/");
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
    return await talk(host, given, found, interrupt);
  } catch (error) {
    const isAborted = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
    if (!isAborted || interrupt.exitCode === undefined) throw explained(error, flags);
    return interrupt.exitCode;
  } finally {
    interrupt.dispose();
    await server?.close();
  }
}

function talk(host: Host, given: Given, place: Place, interrupt: Interrupt): Promise<number> {
  if (isPipe(host, place.flags)) return runPipe(host, place, interrupt);
  return runRepl(host, given, place, interrupt);
}

/** Owns `wsctl connect` with a person at the prompt: flags → prompt → exit code. */
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { Repl } from "../../repl/repl.js";
import type { ReplEnd } from "../../repl/repl-options.js";
import type { Terminal } from "../../repl/prompt.js";
import { Session } from "../../session/session.js";
import type { SessionOptions } from "../../session/session-options.js";
import { curlCommand } from "../curl-print.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import type { Interrupt } from "../interrupt.js";
import { answerBy, parseAutoAnswer } from "../pipe/auto-answers.js";
import { Goals } from "../pipe/goals.js";
import { outcomeOf } from "../pipe/outcome.js";
import { firstMessages, Speech } from "./connect-messages.js";
import { profileNames } from "./connect-profiles.js";
import { otherPlace } from "./connect-retarget.js";
import { type Given, type Place, sessionOptions } from "./connect-target.js";

/** Where typed lines are kept: in $XDG_STATE_HOME, which must be absolute to count, or ~/.local/state. */
function historyPath({ env }: Host): string | undefined {
  const { XDG_STATE_HOME: xdg, HOME: home } = env;
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, "wsctl", "history");
  return home ? path.join(home, ".local", "state", "wsctl", "history") : undefined;
}

function exitCodeOf({ outcome, end, error, expectFailed }: ReplEnd): number {
  if (outcome === "failed") throw error;
  if (expectFailed) return ExitCode.unmet;
  // Whoever leaves a session that is alive has had what was wanted.
  if (outcome === "quit" || !end) return ExitCode.ok;
  return outcomeOf({ why: undefined, end, goals: new Goals({}), wait: 0, lost: 0 }).exitCode;
}

/**
 * Talks until the person leaves.
 *
 * @param given what was written on the command line
 * @param first where that led, with secrets that were asked for
 * @returns the exit code
 * @throws DialError when the first connection cannot be opened
 */
export async function runRepl(
  host: Host,
  given: Given,
  first: Place,
  interrupt: Interrupt,
): Promise<number> {
  // A flood of messages is a flood of garbage, and V8 lets that pile up to 150 MB before it looks: at
  // a prompt nothing is in such a hurry. The heap heeds this whenever it decides how far to grow.
  setFlagsFromString("--optimize-for-size");
  const { flags } = first;
  const speech = new Speech(host, false, undefined);
  const answers = (flags.autoReply ?? []).map((text) =>
    parseAutoAnswer(text, (message) => speech.message(message)),
  );
  const known = new WeakMap<SessionOptions, Place>();
  const optionsOf = (place: Place): SessionOptions => {
    const options = sessionOptions(place, host.env, firstMessages(host, place.flags));
    known.set(options, place);
    return options;
  };
  // What is a terminal is a stream of Node, which can do more than a Host promises.
  const terminal = { input: host.stdin, output: host.stdout } as unknown as Terminal;
  const repl = new Repl({
    session: optionsOf(first),
    open: (options) => {
      const session = new Session(options);
      answerBy(session, answers);
      return session;
    },
    retarget: async (url) => optionsOf(otherPlace(host, given, first, url)),
    terminal,
    ink: inkFor(host, host.stdout, flags.color),
    lens: flags.lens,
    history: { path: flags.history ? historyPath(host) : undefined },
    profiles: profileNames(host),
    curl: (options) => {
      const place = known.get(options) ?? first;
      return curlCommand(place.url, place.flags, { secrets: false });
    },
    frames: flags.frames ?? false,
    raw: flags.raw ?? false,
    pretty: flags.pretty ?? true,
    env: host.env,
    signal: interrupt.stop,
  });
  const code = exitCodeOf(await repl.run());
  return interrupt.exitCode ?? code;
}

/** Owns `wsctl connect` and `record` with a person at the prompt: flags → prompt → exit code. */
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { Repl } from "../../repl/repl.js";
import type { ReplEnd } from "../../repl/repl-options.js";
import { Session } from "../../session/session.js";
import type { SessionOptions } from "../../session/session-options.js";
import { configPlace } from "../config-place.js";
import { profileNames } from "../config.js";
import { curlCommand } from "../curl-print.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import type { Interrupt } from "../interrupt.js";
import { Goals } from "../pipe/goals.js";
import { outcomeOf } from "../pipe/outcome.js";
import type { Course } from "./connect-course.js";
import { MessageMaker, ownWords } from "./connect-messages.js";
import { otherPlace } from "./connect-retarget.js";
import { type Given, type Place, sessionOptions } from "./connect-target.js";

/** Where typed lines are kept: in $XDG_STATE_HOME, which must be absolute to count, or ~/.local/state. */
function historyPath({ env }: Host): string | undefined {
  const { XDG_STATE_HOME: xdg, HOME: home } = env;
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, "wsctl", "history");
  return home ? path.join(home, ".local", "state", "wsctl", "history") : undefined;
}

function exitCodeOf({ outcome, end, error, expectFailed, recordingFailed }: ReplEnd): number {
  if (outcome === "failed") throw error;
  if (expectFailed) return ExitCode.unmet;
  if (recordingFailed) return ExitCode.failed;
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
 * @throws DialError when the first connection cannot be opened; WsctlError WSCTL_EUSAGE for a file
 *   that nothing can be recorded to
 */
export async function runRepl(
  host: Host,
  given: Given,
  first: Place,
  interrupt: Interrupt,
  { recordings, limit }: Course,
): Promise<number> {
  // A flood of messages is a flood of garbage, and V8 lets that pile up to 150 MB before it looks: at
  // a prompt nothing is in such a hurry. The heap heeds this whenever it decides how far to grow.
  setFlagsFromString("--optimize-for-size");
  const { flags } = first;
  const maker = new MessageMaker(host, { templates: flags.templates });
  const known = new WeakMap<SessionOptions, Place>();
  const optionsOf = (place: Place): SessionOptions => {
    const options = sessionOptions(place, host.env, ownWords(host, place.flags, maker));
    known.set(options, place);
    recordings.hide(place, options);
    return options;
  };
  const told = new Set(first.notes);
  const repl = new Repl({
    session: optionsOf(first),
    open: (options) => {
      const session = new Session(options);
      limit.watch(session);
      return session;
    },
    retarget: async (url, say) => {
      const place = otherPlace(host, given, first, url);
      for (const note of flags.quiet ? [] : place.notes) {
        if (!told.has(note)) say(note);
        told.add(note);
      }
      return optionsOf(place);
    },
    terminal: { input: host.stdin, output: host.stdout },
    ink: inkFor(host, host.stdout, flags.color),
    lens: flags.lens,
    history: { path: flags.history ? historyPath(host) : undefined },
    profiles: profileNames(configPlace(host)),
    recording: recordings,
    record: recordings.file,
    curl: (options) => {
      const { url, flags: said, secretHeaders } = known.get(options) ?? first;
      return curlCommand(url, said, { secrets: false, secretHeaders });
    },
    frames: flags.frames ?? false,
    showPingPong: flags.showPingPong ?? false,
    raw: flags.raw ?? false,
    pretty: flags.pretty ?? true,
    env: host.env,
    signal: interrupt.stop,
    leave: interrupt.abort,
    over: limit.over,
  });
  const ended = await repl.run();
  if (ended.recorded && !flags.quiet) host.stderr.write(`${ended.recorded.summary}\n`);
  return interrupt.exitCode ?? exitCodeOf(ended);
}

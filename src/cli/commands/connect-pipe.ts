/** Owns `wsctl connect` and `record` without a person at the prompt: flags → pipe → exit code. */
import type { Lens } from "../../lens/lens.js";
import { lenses } from "../../lens/lenses.js";
import { parseTarget } from "../../dial/target.js";
import { redactUrl } from "../../base/redact-url.js";
import { Tape } from "../../repl/tape.js";
import { Session } from "../../session/session.js";
import { ExitCode } from "../exit-codes.js";
import { type Host, version } from "../host.js";
import { inkFor, isLive } from "../ink.js";
import type { Interrupt } from "../interrupt.js";
import { Goals } from "../pipe/goals.js";
import { Input, type Source } from "../pipe/input.js";
import { JsonView } from "../pipe/json-view.js";
import { LensWatch } from "../pipe/lens-watch.js";
import { Output } from "../pipe/output.js";
import { Pipe } from "../pipe/pipe.js";
import { PlainView } from "../pipe/plain-view.js";
import type { PipeView } from "../pipe/view.js";
import { renderError } from "../render-error.js";
import type { Course } from "./connect-course.js";
import { MessageMaker, ownWords } from "./connect-messages.js";
import type { ConnectFlags } from "./connect-options.js";
import { type Place, sessionOptions } from "./connect-target.js";

const silence = 1000;
const goalPatience = 10_000;
const newline = Buffer.from("\n");

/** Whether the flags, or where the streams lead, leave nobody to prompt. */
export function isPipe(host: Host, flags: ConnectFlags): boolean {
  const { execute, json, expect, until, count, binary, delimiter, null: zero } = flags;
  return (
    host.stdin.isTTY !== true ||
    // Where the cursor cannot be moved, no line can be kept at the bottom.
    !isLive(host, host.stdout) ||
    [execute, json, expect, until, count, binary, delimiter, zero].some(
      (flag) => flag !== undefined,
    )
  );
}

/** The delimiter of messages; undefined where bytes come and go as they are. */
function delimiterOf({ binary, delimiter, null: zero }: ConnectFlags): Buffer | undefined {
  if (zero) return Buffer.from("\0");
  return delimiter ?? (binary ? undefined : newline);
}

/**
 * What is sent. Unless it is asked for, standard input is left alone beside `-x`: a loop of a shell
 * would lose the lines that it loops over.
 */
function sourcesOf({ execute }: ConnectFlags, maker: MessageMaker): Source[] {
  return execute?.map((text) => (text === "-" ? "stdin" : maker.message(text))) ?? ["stdin"];
}

/** The lens that was chosen, if any: `off` chooses none. */
function lensOf({ lens }: ConnectFlags): Lens | undefined {
  return lens === undefined ? undefined : lenses.get(lens);
}

function viewOf(
  host: Host,
  output: Output,
  notes: Output,
  session: Session,
  { flags, url }: Place,
): PipeView {
  const isTerminal = host.stdout.isTTY === true;
  const { raw = false, quiet = false, verbose, frames = false, pretty = false } = flags;
  if (flags.json) {
    const startedAt = host.date().toISOString();
    const head = { tool: `wsctl/${version()}`, url: redactUrl(parseTarget(url).url), startedAt };
    return new JsonView(output, head, isTerminal && !raw, () => session.elapsed);
  }
  const { binary = false, showPingPong: pings = false } = flags;
  const end = delimiterOf(flags) ?? Buffer.alloc(0);
  const decodes = lensOf(flags) !== undefined;
  return new PlainView(
    output,
    { isTerminal, raw, binary, pretty, decodes, end: isTerminal ? newline : end },
    {
      note: (line) => void (quiet || notes.write(Buffer.from(`${line}\n`))),
      verbose,
      frames,
      pings,
    },
  );
}

/**
 * Runs the session.
 *
 * @returns the exit code
 * @throws WsctlError for a connection that cannot be opened, an input that cannot be sent, or a file
 *   that nothing can be recorded to
 */
export async function runPipe(
  host: Host,
  place: Place,
  interrupt: Interrupt,
  course: Course,
): Promise<number> {
  const { flags } = place;
  const { recordings, limit } = course;
  const chosen = lensOf(flags);
  let lens: LensWatch | undefined;
  const encode = chosen && ((text: string) => lens!.encode(text));
  const maker = new MessageMaker(host, flags, encode);
  const goals = new Goals(flags);
  const input = new Input({
    stdin: host.stdin,
    sources: sourcesOf(flags, maker),
    delimiter: delimiterOf(flags),
    message: (data) => maker.plain(data),
  });
  const options = sessionOptions(place, host.env, ownWords(host, flags, maker));
  recordings.hide(place, options);
  const session = new Session(options);
  lens = chosen && new LensWatch(session, chosen);
  const onChange = () => pipe.onOutputChange();
  const output = new Output(host.stdout, onChange);
  const notes = new Output(host.stderr, onChange);
  const ink = inkFor(host, host.stderr, flags.color);
  const tell = (line: string) => void (flags.quiet || host.stderr.write(`${line}\n`));
  const tape = new Tape(recordings, {
    onTrouble: (error) => void host.stderr.write(renderError(error, ink)),
    onNote: tell,
    onPressure: onChange,
  });
  tape.follow(session);
  limit.watch(session);
  const disk = {
    get isFull() {
      return tape.isBehind;
    },
    flush() {},
  };
  const pipe = new Pipe({
    session,
    input,
    view: viewOf(host, output, notes, session, place),
    outputs: [output, notes, disk],
    goals,
    lens,
    wait: flags.wait ?? (goals.any ? goalPatience : silence),
    showsSent: flags.json === true || flags.frames === true,
    interrupt,
    over: limit.over,
  });
  if (recordings.file !== undefined) {
    await tape.start(recordings.file, options.target.url, interrupt.abort);
  }
  let isReaderGone = false;
  const forget = host.onReaderGone(() => {
    isReaderGone = true;
    limit.end();
  });
  // Only a recording has to be brought to its end.
  if (recordings.file === undefined) forget();
  try {
    const { exitCode, report } = await pipe.run();
    // What has not been written yet can still fail.
    const recorded = await tape.stop(interrupt.abort);
    if (recorded) tell(recorded.summary);
    if (isReaderGone) return tape.hasFailed ? ExitCode.failed : ExitCode.ok;
    const isEnded = course.endsByHand && !interrupt.abort.aborted;
    if (interrupt.exitCode !== undefined && !isEnded) return interrupt.exitCode;
    if (report) host.stderr.write(renderError(report, ink));
    return exitCode === ExitCode.ok && tape.hasFailed ? ExitCode.failed : exitCode;
  } finally {
    forget();
    const recorded = await tape.stop(interrupt.abort);
    if (recorded) tell(recorded.summary);
  }
}

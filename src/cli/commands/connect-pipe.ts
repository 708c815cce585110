/** Owns `wsctl connect` without a person at the prompt: flags → pipe → exit code. */
import { lenses } from "../../lens/lenses.js";
import { redactUrl } from "../../scenario/redact.js";
import { Session } from "../../session/session.js";
import type { SessionOptions } from "../../session/session-options.js";
import { type Host, version } from "../host.js";
import { inkFor } from "../ink.js";
import type { Interrupt } from "../interrupt.js";
import { answerBy, parseAutoAnswer } from "../pipe/auto-answers.js";
import { Goals } from "../pipe/goals.js";
import { Input, type Source } from "../pipe/input.js";
import { JsonView } from "../pipe/json-view.js";
import { LensWatch } from "../pipe/lens-watch.js";
import { Output } from "../pipe/output.js";
import { Pipe } from "../pipe/pipe.js";
import { PlainView } from "../pipe/plain-view.js";
import type { PipeView } from "../pipe/view.js";
import { renderError } from "../render-error.js";
import { Speech } from "./connect-messages.js";
import type { ConnectFlags } from "./connect-options.js";

const silence = 1000;
const goalPatience = 10_000;
const newline = Buffer.from("\n");

/** Whether the flags, or where the streams lead, leave nobody to prompt. */
export function isPipe(host: Host, flags: ConnectFlags): boolean {
  const { execute, json, expect, until, count, binary, delimiter, null: zero } = flags;
  return (
    host.stdin.isTTY !== true ||
    host.stdout.isTTY !== true ||
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
function sourcesOf({ execute }: ConnectFlags, speech: Speech): Source[] {
  return execute?.map((text) => (text === "-" ? "stdin" : speech.message(text))) ?? ["stdin"];
}

function viewOf(
  host: Host,
  output: Output,
  flags: ConnectFlags,
  session: Session,
  target: SessionOptions["target"],
): PipeView {
  const isTerminal = host.stdout.isTTY === true;
  const { raw = false, quiet = false, verbose, frames = false, pretty = false } = flags;
  if (flags.json) {
    const startedAt = host.date().toISOString();
    const url = redactUrl(target.url);
    const head = { tool: `wsctl/${version()}`, url, startedAt };
    return new JsonView(output, head, isTerminal && !raw, () => session.elapsed);
  }
  const { binary = false, showPingPong: pings = false } = flags;
  const end = delimiterOf(flags) ?? Buffer.alloc(0);
  return new PlainView(
    output,
    { isTerminal, raw, binary, pretty, end: isTerminal ? newline : end },
    {
      note: (line) => void (quiet || host.stderr.write(`${line}\n`)),
      verbose,
      frames,
      pings,
    },
  );
}

/**
 * Runs the session.
 *
 * @param flags as they were configured
 * @returns the exit code
 * @throws WsctlError for a connection that cannot be opened, or an input that cannot be sent
 */
export async function runPipe(
  host: Host,
  flags: ConnectFlags,
  options: SessionOptions,
  interrupt: Interrupt,
): Promise<number> {
  const chosen = flags.lens === undefined ? undefined : lenses.get(flags.lens);
  const { binary = false } = flags;
  let lens: LensWatch | undefined;
  const encode = chosen && ((text: string) => lens!.encode(text));
  const speech = new Speech(host, binary, encode);
  const answers = (flags.autoReply ?? []).map((text) =>
    parseAutoAnswer(text, (message) => speech.message(message)),
  );
  const goals = new Goals(flags);
  const input = new Input({
    stdin: host.stdin,
    sources: sourcesOf(flags, speech),
    delimiter: delimiterOf(flags),
    message: (data) => speech.plain(data),
  });
  const session = new Session(options);
  lens = chosen && new LensWatch(session, chosen);
  answerBy(session, answers);
  const output = new Output(host.stdout, () => pipe.onOutputChange());
  const pipe = new Pipe({
    session,
    input,
    view: viewOf(host, output, flags, session, options.target),
    output,
    goals,
    lens,
    wait: flags.wait ?? (goals.any ? goalPatience : silence),
    showsSent: flags.json === true,
    interrupt,
  });
  const { exitCode, report } = await pipe.run();
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  if (report) host.stderr.write(renderError(report, inkFor(host, host.stderr, flags.color)));
  return exitCode;
}

/** Owns `wsctl scenario from-recording` and `from-har`: a load scenario made of what a client once did. */
import { Command } from "@commander-js/extra-typings";
import { statSync } from "node:fs";
import path from "node:path";
import { WsctlError } from "../../base/errors.js";
import { formatCount } from "../../base/quantity.js";
import { redactUrl } from "../../base/redact-url.js";
import { safeLine } from "../../base/safe-text.js";
import { isUpgrade } from "../../recording/har/line-kind.js";
import { parseTarget } from "../../dial/target.js";
import type { KnownLine, OtherLine } from "../../recording/line.js";
import { Redactor } from "../../recording/redactor.js";
import type { Talk, TalkSource } from "../../replay/to-scenario/talk.js";
import { ExitCode } from "../exit-codes.js";
import { type Host, version } from "../host.js";
import { inkFor } from "../ink.js";
import { collect } from "../options.js";
import { checkWritable, writeWhole } from "../outputs/output-file.js";
import { type FromFlags, withFromOptions } from "./scenario-from-options.js";

const recordingExamples = `
Examples:
  $ wsctl scenario from-recording chat.wsrec -o chat.yaml
  $ wsctl load chat.yaml --dry-run                            one user, every step shown
  $ wsctl scenario from-recording talks/*.wsrec --idle-cap 1s -c 200 -o talks.yaml
  $ wsctl scenario from-recording chat.wsrec | wsctl load - ws://127.0.0.1:8080/ -c 100

Connections that send the same become one kind of user, and what they differ in is varied; others
become kinds of their own. Comments in the file say what was decided, and why.`;

const harExamples = `
Examples:
  $ wsctl scenario from-har page.har -o page.yaml             every WebSocket in it
  $ wsctl scenario from-har page.har --entry 2 -o chat.yaml   the second one`;

/** What is read, and what is to be said of it. */
interface Read {
  readonly talks: readonly Talk[];
  readonly notes: readonly string[];
}

/** The command; `exit` is told its exit code. */
export function fromRecordingCommand(host: Host, exit: (code: number) => void) {
  const command = new Command("from-recording").argument("<file...>", "recordings");
  return withFromOptions(command)
    .description("make a load scenario of what recorded clients did")
    .addHelpText("after", recordingExamples)
    .action(async (files, flags) => {
      await write(host, "from-recording", files, flags, (redactor) =>
        fromRecordings(files, flags, redactor),
      );
      exit(ExitCode.ok);
    });
}

/** The command; `exit` is told its exit code. */
export function fromHarCommand(host: Host, exit: (code: number) => void) {
  const command = new Command("from-har").argument("<file...>", ".har or .har.zip files");
  return withFromOptions(command)
    .description("make a load scenario of the WebSockets in a HAR file")
    .option("--entry <number>", "only this of its WebSockets, from 1 (repeatable)", collect)
    .addHelpText("after", harExamples)
    .action(async (files, flags) => {
      await write(host, "from-har", files, flags, (redactor) =>
        fromHars(files, flags, flags.entry ?? [], redactor),
      );
      exit(ExitCode.ok);
    });
}

async function write(
  host: Host,
  name: string,
  files: readonly string[],
  flags: FromFlags,
  read: (redactor: Redactor) => Promise<Read>,
): Promise<void> {
  const { output, target, idleCap, connections, duration, force, redact = [] } = flags;
  // One for all: what one connection is given, another may use.
  const redactor = new Redactor({ patterns: redact });
  if (target !== undefined) parseTarget(target);
  if (output !== "-") {
    // Of a device or a pipe nothing is overwritten.
    if (force !== true && statSync(output, { throwIfNoEntry: false })?.isFile() === true) {
      throw new WsctlError("WSCTL_EUSAGE", `${safeLine(output, 100)} is there already`, {
        hint: "name another file, or overwrite it with --force",
      });
    }
    checkWritable(output);
  }
  const { talks: said, notes } = await read(redactor);
  // What checks a scenario takes a while to load, which other commands need not wait for.
  const { hiddenTalk } = await import("../../replay/to-scenario/hidden-talk.js");
  const { toScenario } = await import("../../replay/to-scenario.js");
  const talks = said.map((talk) => hiddenTalk(talk, redactor));
  const written = await toScenario(talks, {
    target,
    idleCap,
    connections,
    duration,
    made: `wsctl scenario ${name} ${files.map((file) => safeLine(path.basename(file), 60)).join(" ")}`,
    checkTarget: parseTarget,
  });
  if (output === "-") host.stdout.write(written.text);
  else writeWhole(output, written.text);
  if (flags.quiet === true) return;
  const { chalk } = inkFor(host, host.stderr, flags.color);
  for (const note of [...notes, ...written.notes]) {
    host.stderr.write(`${chalk.yellow("note:")} ${safeLine(note, 300)}\n`);
  }
  if (output === "-") return;
  const shown = safeLine(output, 200);
  const { scenarios, sends } = written;
  const kinds = scenarios === 1 ? "one kind of user" : `${scenarios} kinds of users`;
  host.stderr.write(
    `${chalk.green("✓")} wrote ${shown}  ${chalk.dim(`${kinds}, ${formatCount(sends)} messages sent`)}\n\n` +
      `  wsctl load ${shown} --dry-run   ${chalk.dim("one user, every step shown")}\n`,
  );
}

async function fromRecordings(
  files: readonly string[],
  { salvage }: FromFlags,
  redactor: Redactor,
): Promise<Read> {
  const { readRecording } = await import("../../recording/reader.js");
  const read = new Reading(redactor);
  for (const file of files) {
    const recorded = readRecording(file, {
      salvage: salvage === true,
      onProblem: (line, what) => read.notes.push(`${file}${line > 0 ? `:${line}` : ""}: ${what}`),
    });
    const header = await recorded.header;
    await read.add({ name: nameOf(file), header, lines: linesOf(recorded) });
  }
  return read;
}

async function fromHars(
  files: readonly string[],
  { salvage }: FromFlags,
  entries: readonly string[],
  redactor: Redactor,
): Promise<Read> {
  const { openHar } = await import("../../recording/har/har-file.js");
  const { importSocket } = await import("../../recording/har/import-har.js");
  const { socketsOf } = await import("../../recording/har/socket-entry.js");
  const read = new Reading(redactor);
  for (const file of files) {
    const har = await openHar(file);
    try {
      const sockets = socketsOf(har);
      const shown = safeLine(file, 100);
      if (sockets.length === 0) {
        throw new WsctlError("WSCTL_EUSAGE", `there is no WebSocket in ${shown}`);
      }
      const wanted = new Set(entries.map(Number));
      const chosen =
        entries.length === 0 ? sockets : sockets.filter((one) => wanted.has(one.number));
      if (chosen.length < wanted.size) {
        throw new WsctlError("WSCTL_EUSAGE", `--entry: ${shown} has ${sockets.length} WebSockets`, {
          where: sockets.slice(0, 20).map((one) => `${one.number}  ${redactUrl(one.url)}`),
        });
      }
      for (const socket of chosen) {
        const imported = await importSocket(har, socket, {
          tool: `wsctl/${version()}`,
          salvage: salvage === true,
        });
        const name = chosen.length > 1 ? `${nameOf(file)}-${socket.number}` : nameOf(file);
        await read.add({ name, header: imported.header, lines: imported.lines });
        read.notes.push(...imported.notes().map((note) => `${shown}: ${redactor.text(note)}`));
      }
    } finally {
      har.close();
    }
  }
  return read;
}

/** What several recordings come to. */
class Reading implements Read {
  readonly talks: Talk[] = [];
  readonly notes: string[] = [];
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  async add(source: TalkSource): Promise<void> {
    const { talksOf } = await import("../../replay/to-scenario/talk.js");
    const { talks, refused, leftOut } = await talksOf({
      ...source,
      lines: learning(source.lines, this.#redactor),
    });
    this.talks.push(...talks);
    if (refused > 0) this.notes.push(`${source.name}: ${refused} refused upgrades are left out`);
    if (leftOut > 0) this.notes.push(`${source.name}: ${leftOut} more connections are left out`);
  }
}

/** The same lines; what is secret in how connections opened is known behind them. */
async function* learning(
  lines: AsyncIterable<KnownLine | OtherLine>,
  redactor: Redactor,
): AsyncGenerator<KnownLine | OtherLine> {
  for await (const line of lines) {
    if (isUpgrade(line)) redactor.upgrade(line);
    yield line;
  }
}

async function* linesOf(
  recorded: AsyncIterable<{ readonly line: KnownLine | OtherLine }>,
): AsyncGenerator<KnownLine | OtherLine> {
  for await (const { line } of recorded) yield line;
}

/** The file's name without what says of which kind it is. */
function nameOf(file: string): string {
  return path.basename(file).replace(/(?:\.(?:wsrec|jsonl|har|zip|zhar))+$/i, "");
}

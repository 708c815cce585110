/** Owns `wsctl replay`: flags → replay → pages → exit code. */
import { WsctlError } from "../../base/errors.js";
import { parseSize } from "../../base/quantity.js";
import { readRecording } from "../../recording/reader.js";
import { parseCapture } from "../../replay/captures.js";
import { IgnoredPaths } from "../../replay/ignore.js";
import { parsePace } from "../../replay/pace.js";
import { replay } from "../../replay/replay.js";
import type { ReplayInput, ReplayOptions } from "../../replay/replay-options.js";
import type { ConnectionResult } from "../../replay/result.js";
import { type Survey, survey } from "../../replay/survey.js";
import { isUnreadable, unread, withUnread } from "../../replay/unread.js";
import { compressionOffer } from "../compression-flags.js";
import { startEmbedded } from "../embedded-server.js";
import { type Host, version } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { safeLine } from "../../base/safe-text.js";
import { secretText } from "../text-source.js";
import { variablesFrom } from "../variable-flags.js";
import { concludeReplay, replayOutputs } from "./replay-conclude.js";
import { replayArguments } from "./replay-files.js";
import { redactorFor, reportRedactor } from "./replay-redactor.js";
import { type ReplayFlags, replayOptions } from "./replay-options.js";
import { ReplayProgressLine } from "./replay-progress.js";
import { runMock } from "./replay-server.js";
import type { MockFlags } from "./replay-server-options.js";
import {
  replayPlace,
  type ReplayPlace,
  requireRedacted,
  sessionsOf,
  shownTarget,
  type Surveyed,
} from "./replay-target.js";

/** What was written on the command line. */
interface Typed {
  readonly names: readonly string[];
  readonly flags: ReplayFlags;
  readonly isGiven: (flag: string) => boolean;
}

/** The command; `exit` is told its exit code. */
export function replayCommand(host: Host, exit: (code: number) => void) {
  return replayOptions().action(async (names, flags, command) => {
    const isGiven = (flag: string): boolean =>
      command.getOptionValueSource(flag as keyof typeof flags) === "cli";
    // The options of a server were added one by one, so that commander's types do not know them.
    const all = flags as typeof flags & MockFlags;
    const typed = { names, flags, isGiven };
    exit(flags.as === "server" ? await asServer(host, typed, all) : await asClient(host, typed));
  });
}

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

async function asServer(host: Host, { names, flags }: Typed, mock: MockFlags): Promise<number> {
  const { files, url } = replayArguments(names);
  if (url !== undefined) {
    refuse("a URL is of no use with --as server", "it listens: see --host and --port");
  }
  const pace = parsePace(flags.pace);
  if (pace.kind === "gated") {
    refuse(
      "--pace gated is of no use with --as server",
      "a server waits for what the client says in any case: leave it out, or say asap",
    );
  }
  return runMock(host, mock, {
    files,
    pace: { speed: pace.kind === "recorded" ? pace.speed : Infinity, idleCap: flags.idleCap },
    carry: { detect: flags.detect === true, named: (flags.capture ?? []).map(parseCapture) },
    ignored: new IgnoredPaths(flags.ignore ?? []),
    salvage: flags.salvage === true,
    maxPayload: parseSize(flags.maxPayload),
    compress: compressionOffer(flags, true) !== undefined,
    json: flags.json === true,
    quiet: flags.quiet === true,
    color: flags.color,
  });
}

/** What is between slashes, as everywhere; or all of it. */
function regexOf(text: string): string {
  return /^\/(.*)\/$/s.exec(text)?.[1] ?? text;
}

/** How to replay, but for what only the running of it knows. */
function optionsOf(host: Host, flags: ReplayFlags): ReplayOptions {
  const { variables, variablesOfEnv } = variablesFrom(flags.var ?? [], host.env);
  const ignore = flags.ignore ?? [];
  // A mistake is said now, not when the first file was read.
  void new IgnoredPaths(ignore);
  return {
    tool: `wsctl/${version()}`,
    startedAt: host.date(),
    pace: parsePace(flags.pace),
    idleCap: flags.idleCap ?? Infinity,
    wait: flags.wait,
    gateTimeout: flags.gateTimeout,
    ordered: flags.unordered !== true,
    ignore,
    ignoreValues: (flags.ignoreValues ?? []).map(regexOf),
    captures: (flags.capture ?? []).map(parseCapture),
    wanted: [...variables.keys()].filter((name) => !variablesOfEnv.has(name)),
    variables: new Map([...variables].map(([name, value]) => [name, secretText(value, host.env)])),
  };
}

async function asClient(host: Host, typed: Typed): Promise<number> {
  const { flags } = typed;
  const { files, url } = replayArguments(typed.names);
  if (flags.serve && url !== undefined) {
    refuse("a URL and --serve exclude each other", "leave one of them out");
  }
  const options = optionsOf(host, flags);
  if (flags.redact && !flags.update) {
    refuse("--redact says what --update hides", "leave it out, or add --update");
  }
  if (flags.update && flags.salvage) {
    refuse(
      "--update and --salvage exclude each other: malformed lines would be lost",
      "correct the lines first, or update a copy",
    );
  }
  const outputs = replayOutputs(flags, files);
  const tell = (line: string): void => {
    if (!flags.quiet) host.stderr.write(`${line}\n`);
  };
  const progress = new ReplayProgressLine(host, flags);
  const interrupt = new Interrupt(host, () => {
    progress.end();
    tell("ending the replay; Ctrl-C again leaves at once");
  });
  try {
    const { surveyed, unreadable } = await look(files, flags, interrupt.stop, tell);
    const checked = async (named: string | undefined): Promise<ReplayPlace> => {
      const place = await replayPlace(host, surveyed, named, typed);
      if (!flags.withoutRedacted) requireRedacted(surveyed, place, options.variables);
      return place;
    };
    // Everything that can be wrong with the flags is said before a server is started for them.
    if (flags.serve) await checked("ws://127.0.0.1:1");
    const server = flags.serve ? await startEmbedded(host, flags.serveMode ?? "echo") : undefined;
    try {
      const place = await checked(server?.url ?? url);
      for (const note of place.notes) tell(note);
      const inputs = surveyed.map((one, index) => inputOf(one, index, place, options));
      const result = await Promise.race([
        replay(inputs, {
          ...options,
          signal: interrupt.stop,
          abandoned: interrupt.abort,
          onProgress: (now) => progress.show(now),
        }),
        leaving(interrupt),
      ]);
      progress.end();
      return concludeReplay(host, withUnread(result, unreadable, files), outputs, {
        ...flags,
        signal: interrupt.exitCode,
      });
    } finally {
      await server?.close();
    }
  } catch (error) {
    if (isOutOfFiles(error)) {
      const need = files.length * (flags.update ? 3 : 2) + ownDescriptors;
      refuse(
        `too many files at once: ${files.length} recordings need about ${need} file descriptors`,
        `raise the limit with \`ulimit -n ${need}\`, or replay fewer at a time`,
      );
    }
    const isLeft = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
    if (!isLeft || interrupt.exitCode === undefined) throw error;
    return interrupt.exitCode;
  } finally {
    progress.end();
    interrupt.dispose();
  }
}

/** What the program itself has open, and some to spare. */
const ownDescriptors = 64;

/** Whether the system has refused a file because there are too many. */
function isOutOfFiles(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (code === "EMFILE" || code === "ENFILE") return true;
  return cause instanceof Error && isOutOfFiles(cause);
}

/** Rejects at the second signal: whoever sends it does not want to wait for the page. */
function leaving({ abort }: Interrupt): Promise<never> {
  return new Promise((_, reject) => {
    abort.addEventListener("abort", () => {
      reject(new WsctlError("WSCTL_EABORTED", "the replay was given up"));
    });
  });
}

/** Recordings that were looked through, and what those come to that could not be. */
interface Looked {
  readonly surveyed: readonly Surveyed[];
  readonly unreadable: readonly ConnectionResult[];
}

/** Looks through every recording. */
async function look(
  files: readonly string[],
  flags: ReplayFlags,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<Looked> {
  const surveyed: Surveyed[] = [];
  const unreadable: ConnectionResult[] = [];
  let failure: WsctlError | undefined;
  for (const file of files) {
    const onProblem = (line: number, what: string): void =>
      tell(`${safeLine(file, 200)}${line > 0 ? `:${line}` : ""}: ${safeLine(what)}`);
    const { salvage } = flags;
    await using recorded = readRecording(file, { salvage, onProblem });
    const detects = flags.detect === true;
    let found: Survey;
    try {
      found = await survey(recorded, { detects, signal });
    } catch (error) {
      if (files.length === 1 || !isUnreadable(error)) throw error;
      failure ??= error;
      unreadable.push(unread(file, "", error));
      continue;
    }
    if (found.isEmpty && !signal.aborted) {
      refuse(
        `${safeLine(file, 100)} has nothing to replay: no connection, and no message`,
        "look at it with `wsctl recording show`",
      );
    }
    surveyed.push({ file, survey: found });
  }
  if (signal.aborted) throw new WsctlError("WSCTL_EABORTED", "the replay was ended");
  if (surveyed.length === 0 && failure) throw failure;
  return { surveyed, unreadable };
}

function inputOf(
  surveyedOne: Surveyed,
  index: number,
  place: ReplayPlace,
  { variables }: ReplayOptions,
): ReplayInput {
  const { flags, targets } = place;
  const { file, survey: found } = surveyedOne;
  const recorded = readRecording(file, { salvage: flags.salvage, comments: flags.update });
  return {
    name: file,
    url: shownTarget(targets[index]!),
    recorded,
    survey: found,
    session: sessionsOf(place, index),
    hidden: reportRedactor(surveyedOne, place, index, variables),
    ...(flags.update
      ? { update: { path: file, redactor: redactorFor(surveyedOne, place, index, variables) } }
      : {}),
  };
}

/** Owns `wsctl replay --as server`: recordings played to whoever connects. */
import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { IgnoredPaths } from "../../replay/ignore.js";
import type { CarryOptions } from "../../replay/mock-carry.js";
import type { MockPace } from "../../replay/mock-clock.js";
import { MockLookup } from "../../replay/mock-lookup.js";
import { createMock, type MockNote } from "../../replay/mock-mode.js";
import { readTakes, type Take } from "../../replay/mock-take.js";
import { type Certificate, selfSigned } from "../../serve/certificate.js";
import { createGuards } from "../../serve/guards.js";
import { serve } from "../../serve/server.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { payload } from "../json-line.js";
import { aborted, untilEnd } from "../until-end.js";
import type { MockFlags } from "./replay-server-options.js";
import { flagValues } from "./serve-flags.js";
import { faultsFor, givenCertificate } from "./serve-setup.js";
import { ServeView } from "./serve-view.js";

/** What the flags that clients and servers share come to. */
export interface MockSettings {
  /** Recordings, by their paths; one at least. */
  readonly files: readonly string[];
  readonly pace: MockPace;
  readonly carry: CarryOptions;
  /** What is not looked at when messages are compared. */
  readonly ignored: IgnoredPaths;
  readonly salvage: boolean;
  /** Bytes of a message; larger ones are answered with 1009. */
  readonly maxPayload: number;
  /** Whether permessage-deflate is agreed to when it is offered, and was in a recording. */
  readonly compress: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
}

/** So many unexpected messages of a client are told, and so many bytes of each to machines. */
const mostTold = 10;
const largestTold = 64 * 1024;
/** How much of one is shown to people. */
const shownMessage = 100;
/** A character takes at most so many bytes. */
const bytesPerCharacter = 4;

/**
 * Plays until a signal comes; resolves with the exit code.
 * @throws WsctlError WSCTL_EUSAGE for what is no recording or a flag that cannot be used,
 * WSCTL_ELISTEN
 */
export async function runMock(
  host: Host,
  flags: MockFlags,
  settings: MockSettings,
): Promise<number> {
  const { files, ignored, salvage, json, quiet } = settings;
  const seed = flags.seed ?? randomUUID();
  const view = new ServeView(host, json ? "replay" : `replay of ${filesInWords(files)}`, {
    json: json || undefined,
    quiet: quiet || undefined,
    color: settings.color,
    verbose: Number(flags.verbose),
    seed,
    processes: 1,
  });
  const interrupt = new Interrupt(host, () => view.ending());
  try {
    const tls = givenCertificate(flags) ?? (flags.tls ? await selfSigned(flags.host) : undefined);
    const guards = createGuards(flagValues("replay", flags));
    const faults = faultsFor(flags.fault ?? [], seed);
    const takes = await readTakes(files, {
      lookup: flags.match ? () => new MockLookup(ignored) : undefined,
      salvage,
      onProblem: (file, line, what) =>
        host.stderr.write(
          `${safeLine(file, 200)}${line > 0 ? `:${line}` : ""}: ${safeLine(what)}\n`,
        ),
    });
    if (!quiet) tellRedacted(host, takes);
    const mock = createMock({
      takes,
      carry: settings.carry,
      pace: settings.pace,
      matches: flags.match === true,
      tell: (note) => tell(view, note, Number(flags.verbose)),
    });
    const code = await serveUntilEnd({
      host,
      view,
      interrupt,
      tls,
      stdinCounts: flags.untilStdinEnds === true,
      start: () =>
        serve({
          mode: mock.mode,
          guards: [...guards, mock.guard],
          host: flags.host,
          port: flags.port,
          controlPort: flags.controlPort,
          maxPayload: settings.maxPayload,
          subprotocols: mock.subprotocols,
          compress: settings.compress && takes.some(({ isCompressed }) => isCompressed),
          watcher: view,
          tls,
          paths: flags.path ?? [],
          faults,
          seed,
        }),
    });
    return flags.strict && mock.unexpected() > 0 ? ExitCode.unmet : code;
  } finally {
    interrupt.dispose();
  }
}

/** A server to be started, and what it is shown with. */
interface Showing {
  readonly host: Host;
  readonly view: ServeView;
  readonly interrupt: Interrupt;
  readonly tls: Certificate | undefined;
  readonly stdinCounts: boolean;
  readonly start: () => ReturnType<typeof serve>;
}

async function serveUntilEnd(showing: Showing): Promise<number> {
  const { host, view, interrupt, tls, stdinCounts, start } = showing;
  const server = await start();
  view.begin(server, tls);
  try {
    await untilEnd(host, interrupt, stdinCounts);
  } finally {
    await Promise.race([server.close(), aborted(interrupt)]);
    await view.end();
  }
  return ExitCode.ok;
}

/** Tells something of a client; of one that only says what was not recorded, not every message. */
function tell(view: ServeView, note: MockNote, verbose: number): void {
  if (note.event === "playing") {
    if (verbose > 0) view.note(note, `playing  #${note.connection} ${note.recording}`);
    return;
  }
  const { connection, message, why, nth, binary, data, event } = note;
  if (nth > mostTold && verbose === 0) return;
  const shown = binary
    ? data.subarray(0, shownMessage / 2).toString("hex")
    : safeLine(data.subarray(0, shownMessage * bytesPerCharacter).toString("utf8"), shownMessage);
  const last = nth === mostTold && verbose === 0 ? "; more of them are only counted" : "";
  view.note(
    { event, connection, message, why, binary, ...payload(data.subarray(0, largestTold), binary) },
    `unexpected #${connection} message ${message}: ${shown} (${why}${last})`,
  );
}

/** Clients may well take what was redacted for what it stands for. */
function tellRedacted(host: Host, takes: readonly Take[]): void {
  const count = takes.reduce((sum, { redacted }) => sum + redacted, 0);
  if (count === 0) return;
  const what = count === 1 ? "1 message says" : `${formatCount(count)} messages say`;
  host.stderr.write(`note: ${what} [redacted] to clients, as the recording does\n`);
}

function filesInWords(files: readonly string[]): string {
  const [first = ""] = files;
  const name = safeLine(basename(first), 60);
  return files.length === 1 ? name : `${name} and ${files.length - 1} more`;
}

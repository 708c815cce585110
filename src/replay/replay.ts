/** Owns a replay: recordings played beside each other, as they were, and what all of them come to. */
import { setMaxListeners } from "node:events";
import { longestTimer } from "../base/timer.js";
import type { Use } from "./carrying.js";
import { IgnoredPaths } from "./ignore.js";
import { Learned } from "./learned.js";
import { paceName } from "./pace.js";
import { Player } from "./player.js";
import type {
  PlayerOptions,
  ReplayInput,
  ReplayOptions,
  ReplayProgress,
} from "./replay-options.js";
import {
  type ConnectionOutcome,
  type ConnectionResult,
  type ReplayResult,
  worstOf,
} from "./result.js";
import { Rewriter } from "./rewriter.js";
import { isUnreadable, unread } from "./unread.js";

/**
 * Replays recordings, each on a connection of its own; they begin as far apart as they did then, and
 * with the pace `asap` together.
 *
 * @throws WsctlError WSCTL_EUSAGE for rules that cannot be read, and for recordings that cannot
 */
export async function replay(
  inputs: readonly ReplayInput[],
  options: ReplayOptions,
): Promise<ReplayResult> {
  const since = performance.now();
  const delays = delaysOf(inputs, options);
  const told = new Progress(options.onProgress);
  // What is no fault of one recording alone ends the others.
  const trouble = new AbortController();
  const { signal: stop } = options;
  const signal = stop === undefined ? trouble.signal : AbortSignal.any([stop, trouble.signal]);
  // Each connection listens for the end of all.
  setMaxListeners(0, signal);
  if (options.abandoned) setMaxListeners(0, options.abandoned);
  const use: Use = { captures: new Set(), variables: new Set() };
  const playing = inputs.map(async (input, index) => {
    const begin = since + delays[index]!;
    const parts = { ...options, ...input, begin, signal, use, onProgress: told.of(index) };
    try {
      // No file is opened, and nothing written, before its turn.
      await until(begin, signal);
      return await playOne(input, parts);
    } catch (error) {
      if (inputs.length > 1 && isUnreadable(error)) return unread(input.name, input.url, error);
      trouble.abort();
      throw error;
    }
  });
  const settled = await Promise.allSettled(playing);
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  const played = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const vain = played.every(isWhole) ? ofNoUse(options, use) : [];
  const [first, ...others] = played;
  // It is of no connection more than of another.
  const connections = first ? [{ ...first, notes: [...first.notes, ...vain] }, ...others] : [];
  return {
    replay: 1,
    tool: options.tool,
    startedAt: options.startedAt.toISOString(),
    took: Math.round(performance.now() - since),
    pace: paceName(options.pace),
    ordered: options.ordered,
    outcome: worstOf(connections.map(({ outcome }) => outcome)),
    connections,
  };
}

/** A sentence for each capture that has found nothing, and each variable that stood for nothing. */
function ofNoUse({ captures, wanted = [] }: ReplayOptions, use: Use): string[] {
  return [
    ...captures
      .filter(({ name }) => !use.captures.has(name))
      .map(({ name }) => `the capture ${name} found nothing: no answer had it both then and now`),
    ...wanted
      .filter((name) => !use.variables.has(name))
      .map((name) => `the variable ${name} stood for nothing: no redacted field has its name`),
  ];
}

/** Waits for that moment on the clock of `performance.now`, or until it is stopped. */
async function until(moment: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const left = moment - performance.now();
    if (left <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.ceil(left), longestTimer));
      signal.addEventListener("abort", done);
    });
  }
}

/** Milliseconds after which each begins. */
function delaysOf(
  inputs: readonly ReplayInput[],
  { pace, idleCap }: ReplayOptions,
): readonly number[] {
  const starts = inputs.map(({ survey }) => Date.parse(survey.header.startedAt));
  if (pace.kind === "asap") return starts.map(() => 0);
  const speed = pace.kind === "recorded" ? pace.speed : 1;
  const delays = starts.map(() => 0);
  let elapsed = 0;
  let last: number | undefined;
  for (const index of [...starts.keys()].toSorted((a, b) => starts[a]! - starts[b]!)) {
    elapsed += Math.min(starts[index]! - (last ?? starts[index]!), idleCap);
    last = starts[index]!;
    delays[index] = elapsed / speed;
  }
  return delays;
}

async function playOne(input: ReplayInput, options: PlayerOptions): Promise<ConnectionResult> {
  const { update, survey } = input;
  const { abandoned } = options;
  const learned = new Learned();
  const ignored = new IgnoredPaths(options.ignore);
  const { header } = survey;
  const rewriter =
    update && (await Rewriter.open({ ...update, header, learned, ignored, abandoned }));
  try {
    const player = new Player(options, learned, rewriter);
    const begin = performance.now();
    await player.play();
    const outcome = outcomeOf(player, options);
    const obstacle =
      player.differs || !isWhole({ outcome }) ? obstacleOf(input, player, outcome) : "";
    const isUpdated = rewriter !== undefined && player.differs && obstacle === undefined;
    if (isUpdated) await rewriter.commit(input.recorded.rest);
    if (rewriter !== undefined && obstacle) {
      player.notes.add(`the recording was not updated: ${obstacle}`);
    }
    return resultOf(input, player, { outcome, begin, isUpdated });
  } finally {
    await rewriter?.discard();
    await input.recorded.close();
  }
}

function outcomeOf(player: Player, { signal }: PlayerOptions): ConnectionOutcome {
  if (signal?.aborted === true) return "interrupted";
  if (player.failure) return player.isBroken ? "lost" : "failed";
  if (player.differs) return "different";
  return player.waits.length > 0 ? "late" : "same";
}

/** Whether the recording was played to its end. */
function isWhole({ outcome }: { readonly outcome: ConnectionOutcome }): boolean {
  return outcome === "same" || outcome === "different" || outcome === "late";
}

/** Why what came cannot be accepted; undefined where it can. */
function obstacleOf(
  { recorded }: ReplayInput,
  { speech }: Player,
  outcome: ConnectionOutcome,
): string | undefined {
  if (!isWhole({ outcome })) return "it was not played to its end";
  if (speech.unsent > 0) return "not all of it could be sent, which cannot be accepted";
  return recorded.torn ? "its last line is cut off, and would be lost" : undefined;
}

interface Played {
  readonly outcome: ConnectionOutcome;
  readonly begin: number;
  readonly isUpdated: boolean;
}

function resultOf(
  { name, url, recorded }: ReplayInput,
  player: Player,
  { outcome, begin, isUpdated }: Played,
): ConnectionResult {
  const { account, speech, failure, waits } = player;
  const notes = [...player.notes];
  if (recorded.torn) notes.push("the last line of the recording is cut off");
  return {
    name,
    url,
    outcome,
    took: Math.round(performance.now() - begin),
    opened: player.opened,
    sent: speech.sent,
    unsent: speech.unsent,
    received: player.received,
    recorded: player.recorded,
    ...account.counts,
    differences: account.differences,
    waits,
    captured: Object.fromEntries(speech.captured),
    detected: player.carrying.told(),
    ...(failure ? { failure } : {}),
    notes,
    updated: isUpdated,
  };
}

/** Adds up what the connections tell of. */
class Progress {
  readonly #tell: ReplayOptions["onProgress"];
  readonly #parts: ReplayProgress[] = [];
  #sum = { sent: 0, received: 0, differences: 0 };

  constructor(tell: ReplayOptions["onProgress"]) {
    this.#tell = tell;
  }

  of(index: number): ReplayOptions["onProgress"] {
    const tell = this.#tell;
    if (tell === undefined) return undefined;
    this.#parts[index] = { sent: 0, received: 0, differences: 0 };
    return (now) => {
      const before = this.#parts[index]!;
      this.#parts[index] = now;
      this.#sum = {
        sent: this.#sum.sent + now.sent - before.sent,
        received: this.#sum.received + now.received - before.received,
        differences: this.#sum.differences + now.differences - before.differences,
      };
      tell(this.#sum);
    };
  }
}

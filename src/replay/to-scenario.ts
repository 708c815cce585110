/**
 * Owns making a load scenario of recordings: what their clients did becomes what virtual users do. What
 * was decided on the way, and why, stands in the file as comments.
 */
import { WsctlError } from "../base/errors.js";
import { parseCount } from "../base/quantity.js";
import { redactUrl } from "../base/redact-url.js";
import { safeLine } from "../base/safe-text.js";
import { scenarioAsYaml } from "../scenario/as-yaml.js";
import type { Scenario } from "../scenario/scenario.js";
import type { StepMap } from "../scenario/schema/step.js";
import { type Comment, withComments } from "./to-scenario/commented.js";
import { connectingOf } from "./to-scenario/connection.js";
import { correlated, type Correlation, correlationOf } from "./to-scenario/correlation.js";
import { type Entry, FlowBuilder } from "./to-scenario/flow.js";
import { type Group, groupsOf } from "./to-scenario/groups.js";
import { type Heartbeat, withoutHeartbeats } from "./to-scenario/heartbeats.js";
import { Names } from "./to-scenario/names.js";
import { withLoops } from "./to-scenario/repeats.js";
import { requireSound } from "./to-scenario/sound.js";
import type { Talk } from "./to-scenario/talk.js";
import { Values } from "./to-scenario/values.js";
import { fairWeights, type Weights } from "./to-scenario/weights.js";

/** What the file is to say beside what was recorded. */
export interface ToScenarioOptions {
  /** In place of where the recording was made. */
  readonly target: string | undefined;
  /** Pauses are no longer than this, in ms. */
  readonly idleCap: number;
  readonly connections: string;
  readonly duration: string;
  /** Who made it, such as `wsctl scenario from-recording chat.wsrec`. */
  readonly made: string;
  /** @throws WsctlError WSCTL_EUSAGE for what is no address of a WebSocket */
  readonly checkTarget: (url: string) => unknown;
}

/** A scenario file. */
export interface WrittenScenario {
  /** YAML; the last line ended. */
  readonly text: string;
  /** Kinds of users, and messages that one of each sends. */
  readonly scenarios: number;
  readonly sends: number;
  /** What its user should know, one thing a line. */
  readonly notes: readonly string[];
}

type Config = NonNullable<Scenario["config"]>;
type Size = (typeof sizes)[number];

/** More kinds of users are no file that one reads. */
const mostGroups = 20;
/** Messages that are sent, and their bytes: of a file that is too large, fewer are tried next. */
const sizes = [
  { sends: 400, bytes: 384 * 1024 },
  { sends: 100, bytes: 96 * 1024 },
  { sends: 25, bytes: 24 * 1024 },
];

/**
 * The scenario of these talks.
 * @throws WsctlError WSCTL_EUSAGE when there is nothing in them, or they belong to several addresses
 */
export async function toScenario(
  talks: readonly Talk[],
  options: ToScenarioOptions,
): Promise<WrittenScenario> {
  if (talks.length === 0) {
    throw new WsctlError("WSCTL_EUSAGE", "no connection was opened in what was recorded", {
      hint: "`wsctl recording show FILE` tells what is in it",
    });
  }
  if (options.target === undefined) requireOneAddress(talks);
  let failure: unknown;
  for (const most of sizes) {
    const written = new Draft(talks, options, most).written();
    try {
      await requireSound(written.text, options);
      return written;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** One attempt at a file. */
class Draft {
  readonly #options: ToScenarioOptions;
  readonly #groups: readonly Group[];
  readonly #heartbeats: readonly Heartbeat[];
  readonly #weights: Weights;
  readonly #names = new Names();
  readonly #notes: string[] = [];
  readonly #comments: Comment[] = [];
  readonly #env = new Set<string>();
  readonly #variables = new Map<string, (string | number)[]>();

  constructor(talks: readonly Talk[], options: ToScenarioOptions, most: Size) {
    this.#options = options;
    const beating = talks.map((talk) => withoutHeartbeats(talk));
    const known = new Map(
      beating.flatMap(({ heartbeats }) => heartbeats).map((each) => [JSON.stringify(each), each]),
    );
    this.#heartbeats = [...known.values()];
    const groups = groupsOf(beating.map(({ talk }) => cut(talk, most)));
    this.#groups = groups.slice(0, mostGroups);
    if (groups.length > mostGroups) {
      this.#notes.push(`${groups.length - mostGroups} more kinds of connections are left out`);
    }
    const sizesOf = this.#groups.map(({ length }) => length);
    this.#weights = fairWeights(sizesOf, parseCount(options.connections));
    if (this.#weights.note !== undefined) this.#notes.push(this.#weights.note);
  }

  written(): WrittenScenario {
    const flows = this.#groups.map((group) => this.#flowOf(group));
    const correlation = correlationOf(flows, this.#groups);
    const entries = flows.map((flow) => withLoops(correlated(flow, correlation)));
    const scenarios = entries.map((flow, index) => this.#scenario(flow, index));
    const config = this.#config(
      correlation,
      scenarios.some(({ flow }) => flow.some(expects)),
    );
    const yaml = scenarioAsYaml({ config, scenarios });
    return {
      text: withComments(yaml, this.#comments, this.#top()),
      scenarios: scenarios.length,
      sends: flows.flat().filter(({ sent }) => sent !== undefined).length,
      notes: this.#notes,
    };
  }

  #flowOf(group: Group): readonly Entry[] {
    const values = new Values(group, this.#names);
    const entries = new FlowBuilder(group, values, this.#options.idleCap).build();
    for (const [name, list] of values.variables) this.#variables.set(name, list);
    for (const name of values.env) this.#env.add(name);
    return entries;
  }

  #scenario(entries: readonly Entry[], index: number) {
    const group = this.#groups[index]!;
    const [talk] = group;
    for (const [at, { notes }] of entries.entries()) {
      this.#comments.push({ path: ["scenarios", index, "flow", at], lines: [...new Set(notes)] });
    }
    const lines = [
      group.length > 1
        ? `What ${group.length} recorded connections did alike: ${group.map(({ name }) => name).join(", ")}`
        : `As recorded: ${talk.name}`,
    ];
    const { sent, received } = talk.leftOut;
    if (sent > 0) {
      lines.push(
        `${sent} more messages that it sent are left out: they are more than a file holds`,
      );
      this.#notes.push(`${safeLine(talk.name, 60)}: ${sent} messages that were sent are left out`);
    }
    if (received > 0) lines.push(`${received} messages that it received were not looked at`);
    if (talk.missed > 0) lines.push(`${talk.missed} messages are missing in the recording itself`);
    this.#comments.push({ path: ["scenarios", index], lines });
    this.#comments.push({
      path: ["scenarios", index, "repeat"],
      lines: ["A recording is the whole life of a connection: it begins again with a new one"],
    });
    return {
      name: this.#names.take(`flow_${talk.name}`).slice("flow_".length) || `user${index + 1}`,
      weight: this.#weights.weights[index]!,
      repeat: "reconnect" as const,
      flow: entries.map(({ step }) => step),
    };
  }

  #config({ why, settings }: Correlation, isExpecting: boolean): Config {
    const { target, connections: wanted, duration } = this.#options;
    const { connections } = this.#weights;
    const isWanted = connections === parseCount(wanted);
    const [[talk]] = this.#groups as readonly [Group];
    const { connection, env, notes } = connectingOf(talk);
    for (const name of env) this.#env.add(name);
    const aimed = target ?? (this.#isAddress(talk.url) ? talk.url : undefined);
    if (aimed === undefined) {
      this.#notes.push(
        "the recording does not say where it was made: name the target when it runs",
      );
    }
    this.#comments.push(
      { path: ["config", "connection"], lines: ["As the recorded client connected", ...notes] },
      {
        path: ["config", "load"],
        lines: ["How many users there are, over time: the recording says nothing of that"],
      },
    );
    if (this.#variables.size > 0) {
      const lines = ["What the recordings differ in: one is drawn each time"];
      this.#comments.push({ path: ["config", "variables"], lines });
    }
    this.#comments.push({ path: ["config", "correlate"], lines: [why] });
    if (this.#heartbeats.length > 0) {
      const lines = ["What was answered at once and always alike is answered beside the flow"];
      this.#comments.push({ path: ["config", "heartbeat"], lines });
    }
    return {
      ...(aimed === undefined ? {} : { target: aimed }),
      ...(Object.keys(connection).length > 0 ? { connection } : {}),
      ...(this.#variables.size > 0 ? { variables: Object.fromEntries(this.#variables) } : {}),
      load: {
        connections: isWanted ? number(wanted) : connections,
        duration,
        connectRate: "100/s",
        gracefulStop: "5s",
      },
      ...(this.#heartbeats.length > 0 ? { heartbeat: { autoReply: [...this.#heartbeats] } } : {}),
      correlate: settings,
      ...(isExpecting ? { thresholds: { checks: ["rate>99%"] } } : {}),
    };
  }

  #isAddress(url: string): boolean {
    try {
      this.#options.checkTarget(url);
      return true;
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      return false;
    }
  }

  #top(): string[] {
    const lines = [
      `A load scenario, made by \`${this.#options.made}\`.`,
      "  wsctl load FILE --dry-run      one user, every step shown",
      "  wsctl load FILE -c 100 -d 1m   100 users for a minute",
    ];
    if (this.#env.size > 0) {
      lines.push(`Set in the environment what was redacted: ${[...this.#env].join(", ")}`);
    }
    return lines;
  }
}

/** The talk with so many of the messages that it sends, and all before the next one. */
function cut(talk: Talk, most: Size): Talk {
  let sends = 0;
  let bytes = 0;
  const at = talk.messages.findIndex(({ isSent, payload }) => {
    if (!isSent) return false;
    bytes += payload.length;
    return ++sends > most.sends || bytes > most.bytes;
  });
  if (at < 0) return talk;
  const rest = talk.messages.slice(at);
  const more = rest.filter(({ isSent }) => isSent).length;
  const { leftOut } = talk;
  return {
    ...talk,
    messages: talk.messages.slice(0, at),
    leftOut: { sent: leftOut.sent + more, received: leftOut.received + rest.length - more },
  };
}

function expects({ expect, wait, loop }: StepMap): boolean {
  if (expect ?? wait) return true;
  return loop?.flow?.some((step) => typeof step === "object" && expects(step)) ?? false;
}

/** What is a number to a person. */
function number(text: string): string | number {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

/** @throws WsctlError WSCTL_EUSAGE when the talks belong to several addresses */
function requireOneAddress(talks: readonly Talk[]): void {
  const addresses = new Set(talks.map(({ url }) => url.split(/[?#]/, 1)[0]!).filter(Boolean));
  if (addresses.size < 2) return;
  const shown = [...addresses].slice(0, 5).map((url) => safeLine(redactUrl(url), 100));
  throw new WsctlError("WSCTL_EUSAGE", "these recordings were made at several addresses", {
    where: shown,
    hint: "make a scenario of those of each address, or say --target URL for all of them",
  });
}

/** Owns what a scenario can bring about at all: a threshold on anything else would prove nothing. */
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import { cleanTag } from "../../metrics/catalogue.js";
import { healthy } from "../../metrics/healthy.js";
import type { MetricSelector } from "../../metrics/metric-selector.js";
import { loadOf } from "../compile/load.js";
import type { PlanLoad } from "../flow-plan.js";
import type { Problem } from "../mistake.js";
import { expectsReply, sentIn } from "../reply.js";
import type { Scenario } from "../scenario.js";
import { allSteps, stepNames, type PlacedStep } from "../users.js";
import { heldStamp, isOfFlow, isScenario, oneOf, someOf } from "./causes.js";
import type { Checking } from "./checking.js";
import { fanoutFault } from "./fanout.js";

/** Why there will never be such a figure. */
export interface Fault extends Omit<Problem, "path"> {
  /** The stage that it asks about, when flags took that away. */
  readonly goneStage?: string;
}

/** What only stamps can see, or the numbers of the service as well. */
const stampOnly = /^ws_(?:msg_corrupt|msg_stamped|delivery)$/;
const ledgerOnly = /^ws_(?:msg_(?:lost|missing|duplicate|reordered|delivered)|seq_gap)$/;

/** What needs replies that are matched to sends. */
const matchedOnly =
  /^ws_msg_(?:rtt|rtt_sent|expected|answered|timeout|late|disconnected|in_flight|extra)$/;

/** What needs something to be expected. */
const expectedOnly = /^(?:checks|ws_expect_failed)$/;

const pinged: Basis = {
  need: "pings, and nobody sends one",
  hint: "add a step ping: 5s, or config.heartbeat: { ping: 20s, timeout: 5s }",
  isThere: ({ config }, steps) =>
    config?.heartbeat?.ping !== undefined || steps.some(({ key }) => key === "ping"),
  mayFollow: (cut) => isOfFlow(cut) || oneOf(["config", "heartbeat"])(cut),
};

const beaten: Basis = {
  need: "heartbeats, and there are none",
  hint: "add config.heartbeat: { ping: 20s, timeout: 5s }",
  isThere: ({ config }) => config?.heartbeat?.ping !== undefined,
  mayFollow: oneOf(["config", "heartbeat"]),
};

/** What only a part of a scenario brings about, and how that is written. */
const ofParts: ReadonlyMap<string, Basis> = new Map([
  ["ws_ping", pinged],
  ["ws_pings_sent", pinged],
  ["ws_dead_detected", beaten],
  [
    "ws_pong_patience",
    {
      need: "users who leave pings unanswered, and there are none",
      hint: "add a profile: { name: mute, share: 1%, pong: never }",
      isThere: ({ profiles = [] }) => profiles.some(({ pong }) => pong === "never"),
      mayFollow: oneOf(["profiles"]),
    },
  ],
  [
    "ws_auto_replies",
    {
      need: "automatic replies, and there are none",
      hint: "say which: config.heartbeat: { autoReply: [{ match: { … }, send: … }] }",
      isThere: ({ config }) => config?.heartbeat?.autoReply !== undefined,
      mayFollow: oneOf(["config", "heartbeat"]),
    },
  ],
  ...[
    "ws_reconnects",
    "ws_reconnect_time",
    "ws_reconnect_attempts",
    "ws_away_at_end",
    "ws_reconnect_hints",
    "ws_reconnect_peak",
    "ws_recovery_50",
    "ws_recovery_95",
    "ws_recovery_100",
  ].map((metric): [string, Basis] => [
    metric,
    {
      need: "connections that are opened in place of lost ones, and a lost one stays lost",
      hint: "add config.reconnect: { policy: exponential }",
      isThere: ({ config }) => (config?.reconnect?.policy ?? "none") !== "none",
      mayFollow: oneOf(["config", "reconnect"]),
    },
  ]),
]);

/** What a metric comes from. */
interface Basis {
  /** The end of a sentence. */
  readonly need: string;
  readonly hint: string;
  isThere(scenario: Scenario, steps: readonly PlacedStep[]): boolean;
  readonly mayFollow: NonNullable<Problem["mayFollow"]>;
}

/** What there is to measure of one scenario file. */
export class Measured {
  readonly #checking: Checking;
  readonly #load: PlanLoad | undefined;
  readonly #stages: ReadonlySet<string>;
  readonly #expects: boolean;
  readonly #asks: boolean;
  /** Every step that anybody plays. */
  readonly #steps: readonly PlacedStep[];

  constructor(checking: Checking) {
    const { scenario, users } = checking;
    const { load, correlate, onReconnect = [] } = scenario.config ?? {};
    const isKnown = load?.stages !== undefined || load?.duration !== undefined;
    this.#checking = checking;
    this.#load = load && isKnown ? loadOf(load) : undefined;
    this.#stages = new Set(this.#load?.stages.map(({ name }) => cleanTag(name)));
    const played = users.filter(({ weight }) => weight > 0).map(({ flow }) => flow);
    this.#steps = [...played, onReconnect].flatMap((flow) => allSteps(flow, []));
    this.#expects = this.#steps.some(
      ({ key, map }) =>
        ["expect", "wait", "ping", "barrier"].includes(key) ||
        (map.expect ?? map.capture ?? map.every?.expect ?? map.loop?.expect) !== undefined,
    );
    this.#asks = sentIn(scenario).some((message) => expectsReply(message, correlate));
  }

  /** Why there is no such part of the run; undefined when there is. */
  partFault({ tags }: MetricSelector): Fault | undefined {
    const { users, scenario } = this.#checking;
    const named = tags["scenario"];
    if (named !== undefined) {
      const user = users.find(({ name }) => name === named);
      if (!user)
        return this.#unknown(
          "scenario",
          named,
          users.map(({ name }) => name),
          isScenario,
        );
      if (user.weight === 0) {
        return {
          message: `nobody plays the scenario ${named}: its weight is 0`,
          hint: "give it a weight, or leave the threshold out",
        };
      }
    }
    const profile = tags["profile"];
    if (profile !== undefined) {
      const profiles = [...(scenario.profiles ?? []).map(({ name }) => name), healthy];
      if (!scenario.profiles || !profiles.some((name) => cleanTag(name) === profile)) {
        return this.#unknown("profile", profile, profiles, oneOf(["profiles"]));
      }
    }
    const step = tags["step"];
    if (step !== undefined) {
      const steps = this.#stepsOf(named);
      const isThere = steps.some((name) => cleanTag(name) === step);
      if (!isThere) return this.#unknown("step", step, steps, isOfFlow);
    }
    const stage = tags["stage"];
    if (stage === undefined || !this.#load || this.#stages.has(stage)) return undefined;
    const fault = this.#unknown("stage", stage, this.#stages, oneOf(["config", "load"]));
    if (this.#checking.isReshaped) return { ...fault, goneStage: stage };
    if (scenario.config?.load?.stages) return fault;
    return { ...fault, hint: "connections and duration make one stage, main; so do -c and -d" };
  }

  /** Why there will never be a figure of that metric; undefined when there may be. */
  fault(selector: MetricSelector): Fault | undefined {
    const { metric, tags } = selector;
    const { scenario, isStamped } = this.#checking;
    const by = scenario.config?.correlate?.by ?? "none";
    const isSequenced = scenario.config?.sequence !== undefined;
    const isOfStamps = stampOnly.test(metric) || (ledgerOnly.test(metric) && !isSequenced);
    if (isOfStamps && (by === "order" || !isStamped)) {
      return {
        mayFollow: (cut) =>
          heldStamp(cut) || oneOf(["config", "correlate"], ["config", "sequence"])(cut),
        message:
          by === "order"
            ? `by: order cannot see ${metric}: it takes the next reply for the one that is missing`
            : `${metric} is seen by stamps only, and no message holds one`,
        hint: `say correlate: { by: stamp }, and put {{ $stamp }} into the messages${ledgerOnly.test(metric) ? "; or say how the service numbers them: sequence: { sender: $.from, number: $.seq }" : ""}`,
      };
    }
    const isPerConnection = scenario.config?.sequence?.per === "connection";
    if (isPerConnection && metric === "ws_msg_missing" && tags["where"] === "reconnect") {
      return {
        mayFollow: oneOf(["config", "sequence"]),
        message: "with per: connection the numbers begin anew: what a gap swallowed nobody sees",
        hint: "say per: sender, if the service goes on counting over reconnects",
      };
    }
    if (matchedOnly.test(metric) && !this.#asks) {
      return {
        mayFollow: (cut) => isOfFlow(cut) || oneOf(["config", "correlate"])(cut),
        message:
          by === "none"
            ? `${metric} needs replies that are matched to sends, and nothing is correlated`
            : `${metric} needs requests, and no message expects a reply`,
        hint:
          by === "none"
            ? "say how replies find their sends: correlate: { by: id, request: $.id }"
            : "see how correlate finds replies, and whether reply: false is meant",
      };
    }
    if (expectedOnly.test(metric) && !this.#expects) {
      return {
        mayFollow: isOfFlow,
        message: `${metric} needs something that is expected, and no step expects anything`,
        hint: "put expect beside a send, or add a wait",
      };
    }
    const basis = ofParts.get(metric);
    if (basis && !basis.isThere(scenario, this.#steps)) {
      const { need, hint, mayFollow } = basis;
      return { message: `${metric} needs ${need}`, hint, mayFollow };
    }
    if (metric === "ws_arrivals_dropped") return this.#arrivalFault();
    return fanoutFault(selector, this.#checking);
  }

  /** The steps of one scenario, or of all, as reports call them. */
  #stepsOf(named: string | undefined): readonly string[] {
    const { users, scenario } = this.#checking;
    const onReconnect = scenario.config?.onReconnect ?? [];
    return [
      ...users
        .filter(({ name, weight }) => weight > 0 && (named === undefined || name === named))
        .flatMap(({ name, flow }) => stepNames(flow, `${name}.flow`)),
      ...stepNames(onReconnect, "onReconnect"),
    ];
  }

  #arrivalFault(): Fault | undefined {
    if (!this.#load || this.#load.maxConnections !== undefined) return undefined;
    if (this.#checking.isReshaped) {
      return {
        message: "no arrival is ever dropped: flags put a population in the place of arrivals",
        hint: "leave -c, -d and --stage out and change config.load instead, or take out this threshold",
      };
    }
    return {
      mayFollow: oneOf(["config", "load"]),
      message:
        this.#load.kind === "arrivals"
          ? "no arrival is ever dropped: there is always a place"
          : "no arrival is ever dropped: a population does not arrive",
      hint: "it goes with arrivalRate and maxConnections",
    };
  }

  #unknown(
    what: string,
    name: string,
    known: Iterable<string>,
    mayFollow: NonNullable<Problem["mayFollow"]>,
  ): Fault {
    const guess = nearest(name, known);
    return {
      mayFollow,
      message: `there is no ${what} "${safeLine(name, 60)}"`,
      hint: guess ? `did you mean ${guess}?` : `there are ${someOf(known)}`,
    };
  }
}

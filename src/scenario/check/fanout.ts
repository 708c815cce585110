/** Owns checking who should hear whose broadcasts, and whether there are any to measure. */
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import { cleanTag } from "../../metrics/catalogue.js";
import type { MetricSelector } from "../../metrics/metric-selector.js";
import type { Problem } from "../mistake.js";
import { isStampedBy } from "../reply.js";
import type { User } from "../users.js";
import { heldStamp, isScenario, someOf } from "./causes.js";
import type { Checking } from "./checking.js";

const ofScenario = "scenario:";

/** Checks the audience of each scenario that has one. */
export function checkFanout(checking: Checking): void {
  for (const user of checking.users) {
    if (user.audience !== undefined) checkAudience(checking, user, user.audience);
  }
}

function checkAudience({ scenario, users, tell }: Checking, user: User, audience: string): void {
  const { path } = user;
  const at = [...path, "fanout", "audience"];
  const heard = audience.startsWith(ofScenario) ? audience.slice(ofScenario.length) : undefined;
  if (heard !== undefined) {
    const names = new Set(users.map(({ name }) => name));
    const hearers = users.find(({ name }) => name === heard);
    if (!hearers) {
      const guess = nearest(heard, names);
      tell({
        path: at,
        message: `there is no scenario "${safeLine(heard, 60)}"`,
        mayFollow: isScenario,
        hint: guess ? `did you mean ${ofScenario}${guess}?` : `there are ${someOf(names)}`,
      });
    } else if (hearers.weight === 0 && user.weight > 0) {
      tell({
        path: at,
        message: `nobody plays the scenario ${safeLine(heard, 60)}: its weight is 0`,
        hint: "give it a weight, or say who else hears it",
      });
    }
  }
  if (!isStampedBy(user, scenario)) {
    tell({
      path: [...path, "fanout"],
      at: "key",
      message: "fanout is seen by stamps only, and no message of this scenario holds one",
      mayFollow: heldStamp,
      hint: "put {{ $stamp }} into the messages that others should hear",
    });
  } else if (scenario.config?.correlate?.by === "order") {
    tell({
      path: [...path, "fanout"],
      at: "key",
      message: "by: order takes every message for a reply: whose it is, it does not see",
      hint: "say correlate: { by: stamp }",
    });
  }
}

/** Why there will never be a figure of broadcasts; undefined when there may be, or it is none of these. */
export function fanoutFault(
  { metric, tags }: MetricSelector,
  { users }: Checking,
): Omit<Problem, "path"> | undefined {
  if (!metric.startsWith("ws_fanout_")) return undefined;
  const named = tags["scenario"];
  const senders = users.filter(
    ({ name, weight }) => weight > 0 && (named === undefined || cleanTag(name) === named),
  );
  if (senders.some(({ audience }) => audience !== undefined)) return undefined;
  const need = `${metric} needs messages with an audience, and`;
  if (named === undefined) {
    return {
      mayFollow: isScenario,
      message: `${need} no scenario that is played has one`,
      hint: "add fanout: { audience: all } to the scenario that sends them",
    };
  }
  return {
    mayFollow: isScenario,
    message: `${need} the scenario ${safeLine(named, 60)} has none`,
    hint: "name the scenario that sends them: the one with fanout",
  };
}

/** Owns the map of correlators: a new one is a file beside this one, and a line here. */
import type { Correlate } from "../../../scenario/plan.js";
import { ById } from "./id.js";
import { Uncorrelated } from "./none.js";
import { ByOrder } from "./order.js";
import { ByStamp } from "./stamp.js";
import type { Correlation, Correlator } from "./correlator.js";

const none = new Uncorrelated();

/** What makes a connection's correlator, by the name of the rule. */
export const correlators: Readonly<
  Record<Correlate["by"], (correlation: Correlation) => Correlator>
> = {
  id: (correlation) => new ById(correlation),
  order: (correlation) => new ByOrder(correlation),
  stamp: (correlation) => new ByStamp(correlation),
  none: () => none,
};

/** Owns how one names series of a metric: `ws_connecting{scenario:chat}`, all with these tags. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import {
  catalogue,
  cleanTag,
  metricOf,
  parseSeriesKey,
  type Metric,
  type MetricName,
} from "./catalogue.js";
import { checkTagValues } from "./tag-values.js";
import { aggregateText, boundIn, type Aggregate, type AggregateName } from "./threshold.js";
import type { Threshold } from "./threshold.js";

/*
 * selector = name [ "{" tag *( "," tag ) "}" ]      ; white space may stand between any two
 * tag      = name ":" ( value / DQUOTE quoted DQUOTE )
 * value    = 1*( any sign but a comma, a brace or a quote )
 * quoted   = 1*( any sign but a brace or a quote )
 *
 * `scenario`, `stage` and `profile` select a part of the run.
 */

/** All series of a metric that carry these tags, and perhaps others. */
export interface MetricSelector {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
}

const longest = 500;
const shape = /^\s*(\w+)\s*(?:\{([^{}]*)\}\s*)?$/;

/**
 * Reads a selector; whether there is such a metric is not looked at.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseMetricSelector(text: string): MetricSelector {
  const [, metric, inside] = text.length <= longest ? (shape.exec(text) ?? []) : [];
  if (metric === undefined) throw refuse(text, "it is no name with tags in braces");
  const tags = Object.create(null) as Record<string, string>;
  for (const pair of inside?.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/) ?? []) {
    const colon = pair.indexOf(":");
    const name = pair.slice(0, Math.max(0, colon)).trim();
    const value = pair.slice(colon + 1).trim();
    const [, quoted = value] = /^"(.*)"$/.exec(value) ?? [];
    if (!/^\w+$/.test(name) || quoted.includes('"')) {
      throw refuse(text, `"${safeLine(pair, 60)}" is no tag`);
    }
    if (Object.hasOwn(tags, name)) throw refuse(text, `the tag "${name}" is given twice`);
    tags[name] = cleanTag(quoted);
  }
  return { metric, tags };
}

/** Whether a series is among those selected. */
export function selects({ metric, tags }: MetricSelector, key: string): boolean {
  if (!key.startsWith(metric)) return false;
  const series = parseSeriesKey(key);
  return (
    series.name === metric && Object.keys(tags).every((name) => series.tags[name] === tags[name])
  );
}

/**
 * Checks that there is such a metric, that it has such tags and such a figure, and that the bound is one of its
 * unit.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function checkThreshold(selector: MetricSelector, threshold: Threshold): void {
  boundIn(threshold.bound, threshold.aggregate, checkAggregate(selector, threshold.aggregate));
}

const fitting: Readonly<Record<Metric["kind"], readonly AggregateName[]>> = {
  counter: ["count", "rate"],
  gauge: ["value"],
  rate: ["rate"],
  trend: ["p", "avg", "min", "med", "max", "count"],
};

/** What is known once a broadcast is settled, whenever that is: in no second, and of who sent it. */
const ofBroadcasts = "ws_fanout_";

/** Every metric but a gauge is measured of these parts, too. */
const parts = ["scenario", "stage", "profile"] as const;

/** What belongs to steps or to scenarios alone, whoever plays them. */
const notOfProfiles: ReadonlySet<string> = new Set<MetricName>([
  "checks",
  "ws_expect_failed",
  "ws_arrivals_dropped",
]);

/**
 * The metric, when it exists and can have such tags: of one that it never bears nothing would be
 * found, and no occurrence of a counter passes for a good one.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function checkSelector({ metric, tags }: MetricSelector): Metric {
  const known = metricOf(metric);
  if (!known) {
    const near = nearest(metric, Object.keys(catalogue));
    throw new WsctlError("WSCTL_EUSAGE", `there is no metric "${safeLine(metric, 60)}"`, {
      hint: near ? `did you mean ${near}?` : "names begin with ws_ or wsctl_, as in the report",
    });
  }
  if ("scenario" in tags && "stage" in tags) {
    throw new WsctlError("WSCTL_EUSAGE", "a scenario's part of one stage is not measured apart", {
      hint: "name either a scenario or a stage",
    });
  }
  if ("profile" in tags && ("scenario" in tags || "stage" in tags)) {
    const other = "scenario" in tags ? "scenario" : "stage";
    throw new WsctlError("WSCTL_EUSAGE", `a profile's part of one ${other} is not measured apart`, {
      hint: `name either a profile or a ${other}`,
    });
  }
  if (metric.startsWith(ofBroadcasts) && ("stage" in tags || "profile" in tags)) {
    const part = "stage" in tags ? "stages" : "profiles";
    throw new WsctlError("WSCTL_EUSAGE", `${metric} is not told apart by ${part}`, {
      hint: `leave the ${part.slice(0, -1)} away, or name the scenario that sends`,
    });
  }
  if ("profile" in tags && notOfProfiles.has(metric)) {
    throw new WsctlError("WSCTL_EUSAGE", `${metric} is not told apart by profiles`, {
      hint: "leave the profile away, or name a scenario",
    });
  }
  if (known.kind === "gauge" && Object.keys(tags).length > 0) {
    throw new WsctlError("WSCTL_EUSAGE", `${metric} is read of the whole run`, {
      hint: `leave the tags away: ${metric}`,
    });
  }
  const allowed = [...new Set([...known.tags, ...parts])];
  const other = Object.keys(tags).find((tag) => !allowed.includes(tag));
  if (other !== undefined) {
    const near = nearest(other, allowed);
    throw new WsctlError("WSCTL_EUSAGE", `${metric} has no tag "${safeLine(other, 60)}"`, {
      hint: near ? `did you mean ${near}?` : `there are ${allowed.join(", ")}`,
    });
  }
  checkTagValues(metric, tags);
  return known;
}

/**
 * The metric, when it exists, has such tags and such a figure.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function checkAggregate(selector: MetricSelector, aggregate: Aggregate): Metric {
  const known = checkSelector(selector);
  const { metric } = selector;
  const fits = fitting[known.kind];
  if (metric.startsWith(ofBroadcasts) && known.kind === "counter" && aggregate.name === "rate") {
    throw new WsctlError("WSCTL_EUSAGE", `${metric} is in no second of its own: it has no rate`, {
      hint: "say count==0",
    });
  }
  if (fits.includes(aggregate.name)) return known;
  const others = fits.map((name) => (name === "p" ? "p(N)" : name)).join(", ");
  throw new WsctlError(
    "WSCTL_EUSAGE",
    `${metric} is a ${known.kind}: it has no ${aggregateText(aggregate)}`,
    { hint: `of a ${known.kind} there ${fits.length > 1 ? "are" : "is"} ${others}` },
  );
}

function refuse(text: string, why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a metric: ${why}`, {
    hint: "write it like ws_msg_rtt or ws_connecting{scenario:chat}",
    where: [safeLine(text)],
  });
}

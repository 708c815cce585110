/**
 * Owns the report of a run as Prometheus reads it, from a file (node_exporter's textfile collector)
 * or a push gateway. Parts of the run have names of their own: a sum over all that bears one name
 * counts nothing twice.
 */
import type { RunResult } from "../metrics/run-result.js";
import { exposition, type Family } from "./exposition.js";
import { FamilyBook } from "./metric-families.js";

/** The exposition. */
export function prometheusReport(result: RunResult): string {
  const whole = new FamilyBook();
  for (const [key, value] of Object.entries(result.totals)) whole.add(key, value);
  for (const [key, trend] of Object.entries(result.trends)) whole.summarize(key, trend);
  const scenarios = new FamilyBook("wsctl_scenario_");
  for (const { name, totals, trends } of result.scenarios) {
    const labels = { scenario: name };
    for (const [key, value] of Object.entries(totals)) scenarios.add(key, value, labels);
    for (const [key, trend] of Object.entries(trends)) scenarios.summarize(key, trend, labels);
  }
  return exposition([...aboutRun(result), ...whole.families(), ...scenarios.families()]);
}

function aboutRun({ run, env, validity, thresholds, interrupted }: RunResult): Family[] {
  const gauge = (name: string, help: string, value: number): Family => ({
    name,
    type: "gauge",
    help,
    samples: [{ labels: {}, value }],
  });
  const passed = new Map(
    // The same threshold twice would be the same series twice.
    thresholds.map((one) => [JSON.stringify([one.metric, one.expression]), one] as const),
  );
  return [
    {
      name: "wsctl_run_info",
      type: "gauge",
      help: "the run, its id and its program",
      samples: [{ labels: { run: run.id, wsctl: env.wsctl, node: env.node }, value: 1 }],
    },
    gauge("wsctl_run_valid", "whether the figures are evidence", Number(validity.ok)),
    gauge("wsctl_run_interrupted", "whether the user ended the run", Number(interrupted)),
    gauge(
      "wsctl_run_traffic_seconds",
      "for how long messages were due, warm-up left out",
      run.trafficFor / 1000,
    ),
    {
      name: "wsctl_threshold_ok",
      type: "gauge",
      help: "whether the threshold held",
      samples: [...passed.values()].map(({ metric, expression, ok }) => ({
        labels: { metric, expression },
        value: Number(ok),
      })),
    },
  ];
}

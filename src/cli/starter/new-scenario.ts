/** Owns the text of a new scenario: commented, for a person to change. */
import { parseTarget } from "../../dial/target.js";
import { parseFlagThreshold } from "../../scenario/flag-threshold.js";
import type { Answers } from "./answers.js";
import { shapes } from "./shapes.js";
import { traffics } from "./traffics.js";

/** The file's text; ends with a newline. */
export function newScenario(answers: Answers, file: string): string {
  const { traffic, shape, target } = answers;
  const kind = traffics[traffic];
  const name = /\s/.test(file) ? JSON.stringify(file) : file;
  const lines = [
    `# A load test of wsctl: ${kind.title}.`,
    "#",
    ...commands(name, kind.mode).map(([command, what]) => `#   ${command}  ${what}`),
    "#",
    "# For completion in an editor: wsctl scenario schema > scenario.schema.json, and make this the",
    "# first line: # yaml-language-server: $schema=./scenario.schema.json",
    "",
    "config:",
    `  target: ${plain(parseTarget(target).href)}`,
    "  # connection:",
    '  #   headers: { authorization: "Bearer {{ $env.TOKEN }}" }',
    ...indented(2, kind.config),
    "  # What becomes of connections that are lost; to cut some, add at the end of the file:",
    "  # events: [{ at: 20s, drop: 30%, how: reset }]",
    "  # reconnect: { policy: exponential, base: 500ms, jitter: full }",
    "  load:",
    ...indented(4, shapes[shape].lines(answers)),
    "    connectRate: 100/s          # connections are not opened faster, but in place of lost ones",
    "    gracefulStop: 5s            # how long last replies are waited for",
    ...gateLines(answers.gates),
    "",
    "scenarios:",
    `  - name: ${traffic}`,
    ...(shapes[shape].comeAndGo ? ["    repeat: once"] : []),
    ...(traffic === "broadcast" ? ["    fanout: { audience: all }   # who should hear it"] : []),
    "    flow:",
    ...indented(6, kind.flow(answers)),
  ];
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** How to run it: command lines of one width, each with what it does. */
export function commands(name: string, mode: string): [command: string, what: string][] {
  const lines: [string, string][] = [
    [`wsctl load ${name} --dry-run`, "one user, every step shown"],
    [`wsctl load ${name} --serve-mode ${mode}`, "against a server of its own"],
    [`wsctl load ${name}`, "against its target"],
  ];
  const width = Math.max(...lines.map(([command]) => command.length));
  return lines.map(([command, what]) => [command.padEnd(width), what]);
}

function gateLines(gates: readonly string[]): string[] {
  if (gates.length === 0) {
    return [
      "  # thresholds:                 # exit code 99 when one fails",
      '  #   ws_msg_rtt: ["p(99)<500ms"]',
    ];
  }
  const byMetric = new Map<string, string[]>();
  for (const gate of gates) {
    const { metric, expression } = parseFlagThreshold(gate);
    byMetric.set(metric, [...(byMetric.get(metric) ?? []), expression]);
  }
  return [
    "  thresholds:                   # exit code 99 when one fails",
    ...[...byMetric].map(
      ([metric, all]) =>
        `    ${plain(metric)}: [${all.map((one) => JSON.stringify(one)).join(", ")}]`,
    ),
  ];
}

function indented(by: number, lines: readonly string[]): string[] {
  return lines.map((line) => `${" ".repeat(by)}${line}`);
}

/** Text as YAML: in quotes where it could be taken for something else. */
function plain(text: string): string {
  return /^[A-Za-z][\w./:@?=&%~+-]*[\w/]$/.test(text) ? text : JSON.stringify(text);
}

/** Owns what `wsctl inspect` tells without opening anything: its checks, and its plan. */
import { formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { catalogue } from "../../inspect/catalogue.js";
import type { Cost } from "../../inspect/check.js";
import type { InspectionPlan } from "../../inspect/plan.js";
import { columns } from "../../report/inspection/columns.js";
import { type Ink, warn } from "../../report/ink.js";
import { jsonLine } from "../../report/json.js";

/** Where sources have room beside titles. */
const wide = 110;

/** Every check there is, as a table; ends with a newline. */
export function checkTable({ chalk, width }: Ink): string {
  const rows = catalogue.map(({ rule: { id, title, severity, source }, tier }) => {
    const cells = [id, severity, tier, title];
    return width < wide ? cells : [...cells, source];
  });
  const head = ["id", "severity", "tier", "what holds when all is well"];
  const heads = width < wide ? head : [...head, "source"];
  const lines = columns([heads, ...rows], width, (cell, row, column) => {
    if (row === 0) return chalk.dim(cell);
    return column === 0 ? chalk.bold(cell) : cell;
  });
  return `${lines.join("\n")}\n`;
}

/** The same as one JSON document. */
export function checkDocument(): string {
  const checks = catalogue.map(({ rule, tier, needs, cost }) => ({ rule, tier, needs, cost }));
  return jsonLine({ kind: "wsctl.checks", version: 1, checks });
}

/** The most that is asked of a server, in words. */
export function budgetWords({ handshakes, connections, bytes }: Required<Cost>): string {
  const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
  return [
    `at most ${many(handshakes, "handshake")}`,
    `${many(connections, "connection")} at once`,
    ...(bytes > 0 ? [`${formatSize(bytes)} in frames`] : []),
  ].join(", ");
}

/** What is planned, and for what. */
export interface Planned {
  /** Without secrets. */
  readonly url: string;
  readonly plan: InspectionPlan;
  readonly runs: number;
  /** The host that has to be named first, if one has to be. */
  readonly authorize: string | undefined;
}

/** The plan as a page; ends with a newline. */
export function planPage({ url, plan, runs, authorize }: Planned, { chalk, width }: Ink): string {
  const rows = plan.checks.map(({ rule, tier, cost }) => [
    rule.id,
    tier,
    cost.handshakes === 0 ? "–" : String(cost.handshakes),
    rule.title,
  ]);
  const table = columns([["check", "tier", "handshakes", "what is looked at"], ...rows], width);
  return [
    `${chalk.bold("plan for")} ${safeLine(url, 500)}: ${budgetWords(plan.cost)}`,
    ...(runs === 0
      ? []
      : [
          chalk.dim(
            `${runs} ${runs === 1 ? "exchange is" : "exchanges are"} timed, after a first one`,
          ),
        ]),
    ...(authorize === undefined
      ? []
      : [warn({ chalk }, `needs --i-am-authorized ${safeLine(authorize)}`)]),
    ...table.map((line, index) => (index === 0 ? chalk.dim(line) : line)),
    "",
  ].join("\n");
}

/** The same as one JSON document. */
export function planDocument({ url, plan, runs, authorize }: Planned): string {
  const checks = plan.checks.map(({ rule: { id, title, severity }, tier, cost }) => {
    return { id, title, severity, tier, cost };
  });
  const [kind, version] = ["wsctl.inspection-plan", 1];
  return jsonLine({ kind, version, url, runs, cost: plan.cost, authorize, checks });
}

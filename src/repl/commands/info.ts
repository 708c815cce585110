/** Owns /info. */
import { formatCount, formatDuration, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { redactUrl } from "../../base/redact-url.js";
import { redactSubprotocol } from "../../base/secret-subprotocols.js";
import type { SessionStats } from "../../session/session-stats.js";
import type { Command } from "../command.js";
import type { Desk } from "../desk.js";
import { hanging } from "../hanging.js";

type Row = readonly [name: string, value: string | undefined];

function traffic({ messages, bytes, frames, wire, compression }: SessionStats["sent"]): string {
  const ratio =
    compression === undefined ? "" : `, deflated to ${(compression * 100).toFixed(0)} %`;
  return `${formatCount(messages)} messages, ${formatSize(bytes)} · ${formatCount(frames)} frames, ${formatSize(wire)} on the wire${ratio}`;
}

function connectionRows({ link }: Desk): Row[] {
  const { session, options } = link;
  const { upgrade } = session;
  const url = redactUrl(options.target.url);
  if (!upgrade) return [["url", url]];
  const { tls, phases } = upgrade;
  const took = Object.entries(phases)
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name} ${formatDuration(ms)}`);
  const reached = upgrade.attempts.findLast(({ error }) => error === undefined);
  const trust = tls?.authorized === false ? `, NOT verified: ${tls.authorizationError}` : "";
  return [
    ["url", url],
    ["address", reached && `${reached.address} port ${reached.port}`],
    ["tls", tls && `${tls.protocol}, ${tls.cipher}${trust}`],
    ["subprotocol", upgrade.subprotocol ? redactSubprotocol(upgrade.subprotocol) : "none"],
    ["extensions", upgrade.extensions ?? "none"],
    ["opened in", took.join(" · ")],
  ];
}

function rttText({ rtt, pings }: SessionStats): string | undefined {
  if (pings === 0) return undefined;
  const { answered, last, min, mean, max } = rtt;
  if (last === undefined || min === undefined || mean === undefined || max === undefined) {
    return `${formatCount(pings)} pings, none answered`;
  }
  const times = [`last ${formatDuration(last)}`, `min ${formatDuration(min)}`]
    .concat(`mean ${formatDuration(mean)}`, `max ${formatDuration(max)}`)
    .join(" · ");
  return `${times} (${formatCount(answered)} of ${formatCount(pings)} pings answered)`;
}

/** `/info` */
export const info: Command = {
  name: "info",
  takes: "",
  summary: "show what was negotiated, what went each way, and round trips",
  run: (desk) => {
    const { link, log, rules, feed, ink } = desk;
    const { stats, state } = link.session;
    const { connects, gaps, away } = stats;
    const rows: readonly Row[] = [
      ["state", state],
      ...connectionRows(desk),
      ["sent", traffic(stats.sent)],
      ["received", traffic(stats.received)],
      ["round trip", rttText(stats)],
      [
        "connections",
        connects > 1 ? `${connects}, lost ${gaps} times, away ${formatDuration(away)}` : undefined,
      ],
      ["lens", link.activeLens?.name],
      ["filter", rules.filter?.source],
      ["kept", `${formatCount(log.size)} messages, ${formatSize(log.bytes)}`],
    ];
    const lines = rows.flatMap(([name, value]) =>
      value === undefined
        ? []
        : [hanging(`${ink.chalk.cyan(name.padEnd(12))} `, safeLine(value, 1000), ink.width)],
    );
    feed.say(lines.join("\n"));
  },
};

/** Owns the times of an inspection: one exchange as `curl -w` names them, several as percentiles. */
import type { CurlTimes, InspectedTiming, PhaseSpread } from "../../findings/inspection.js";
import type { Phases } from "../../frame/upgrade.js";
import { type Answered, isOpen, type Reply } from "../reply.js";

/** Milliseconds as seconds, to the microsecond as curl has them. */
function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}

/** The sum of the phases, in milliseconds. */
function totalOf({ dns, tcp, proxy = 0, tls, upgrade }: Phases): number {
  return dns + tcp + proxy + tls + upgrade;
}

/** As curl counts: each since the start, 0 for TLS where there was none. */
function curlTimes(phases: Phases, isSecure: boolean): CurlTimes {
  const { dns, tcp, proxy = 0, tls } = phases;
  return {
    time_namelookup: seconds(dns),
    time_connect: seconds(dns + tcp),
    time_appconnect: isSecure ? seconds(dns + tcp + proxy + tls) : 0,
    time_starttransfer: seconds(totalOf(phases)),
    time_total: seconds(totalOf(phases)),
  };
}

/** The exact percentile by nearest rank: the smallest value that so many percent do not exceed. */
function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent * sorted.length) / 100));
  return sorted[rank - 1] ?? 0;
}

function spreadOf(values: readonly number[]): PhaseSpread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    p50: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

/** Phase by phase, and all of them under `total`; `proxy` only where there is one. Nothing of none. */
function spreads(all: readonly Phases[]): Record<string, PhaseSpread> {
  if (all.length === 0) return {};
  const isProxied = all.some(({ proxy }) => proxy !== undefined);
  return {
    dns: spreadOf(all.map(({ dns }) => dns)),
    tcp: spreadOf(all.map(({ tcp }) => tcp)),
    ...(isProxied ? { proxy: spreadOf(all.map(({ proxy = 0 }) => proxy)) } : {}),
    tls: spreadOf(all.map(({ tls }) => tls)),
    upgrade: spreadOf(all.map(({ upgrade }) => upgrade)),
    total: spreadOf(all.map(totalOf)),
  };
}

/**
 * The times of the first exchange, and those of the exchanges after it: the first, which everything
 * was cold for, is none of these. One that came to less than the first, by no answer or by none that
 * opens, has failed: its times count for nothing.
 * @param runs the exchanges after the first
 */
export function timingOf(first: Answered, runs: readonly Reply[]): InspectedTiming {
  const alike = runs.filter(
    (reply): reply is Answered => reply.kind === "answered" && (isOpen(reply) || !isOpen(first)),
  );
  const count = runs.length;
  return {
    phases: first.phases,
    firstFrame: first.heard?.firstAt,
    curl: curlTimes(first.phases, first.tls !== undefined),
    runs:
      count === 0
        ? undefined
        : {
            count,
            failed: count - alike.length,
            phases: spreads(alike.map(({ phases }) => phases)),
          },
  };
}

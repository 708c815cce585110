/**
 * Owns the cases of given rates: whether every message leaves when it is due, and what that costs. The
 * rate is the target's count of a steady while, the lag is what the run's report says of all that came
 * after its warm-up.
 */
import { measure } from "../harness/measure.js";
import { figure, percent, range } from "../harness/result.js";
import { figuresOf, takeTurns } from "../harness/rounds.js";
import { median } from "../harness/statistics.js";
import { stillness } from "../harness/stillness.js";
import { Target } from "../harness/target.js";
import { bareSpin } from "../peers/bare.js";
import { argumentsOf, reportIn } from "../peers/wsctl.js";

/** How much longer than the windows of other cases: a p99 wants many messages. */
const longer = 10;
/** And how much longer than their warm-ups: of 2 % of the time in which V8 compiles, a p99 is made. */
const warmer = 5;
/** How far the achieved rate may be from the one that was asked for, as a share. */
const mostOff = 0.005;
const columns = [
  "pacer",
  "achieved",
  "schedule lag p50",
  "p99",
  "lowest to highest p99",
  "p99 of the median second",
  "client CPU",
  "server CPU",
  "verdict",
];

/** Nobody: what lag there is without anything to do. */
const clock = "the clock alone";

/** What of its reading is nobody's, in the shape of the others. */
async function timeAlone(rate, seconds) {
  const [perSecond, client, server] = [NaN, NaN, NaN];
  return { ...(await stillness(rate, seconds)), perSecond, client, server, verdict: "none" };
}

/** @returns {import("../harness/contender.js").Contender} wsctl with one worker and this pacer */
function paced(name, rate) {
  return {
    name,
    command: (work) => ({
      file: process.execPath,
      args: argumentsOf(work, [
        `--size=${work.size}`,
        `--total-rate=${rate}`,
        "--workers=1",
        `--pacer=${name}`,
        `--warmup=${work.warmUp}s`,
      ]),
    }),
    received: (folder) => reportIn(folder).totals.ws_msgs_received,
    lag: lagOf,
  };
}

function lagOf(folder) {
  const { trends, series, validity } = reportIn(folder);
  const { p50, p99 } = trends.ws_schedule_lag;
  const bySecond = series
    .filter(({ isWarmup }) => !isWarmup)
    .flatMap(({ trends: { ws_schedule_lag: lag } }) => (lag ? [lag.p99] : []));
  const verdict = validity.reasons.map(({ code }) => code).join(" ") || "VALID";
  return { p50, p99, usual: median(bySecond), verdict };
}

/**
 * @param {{ pacer: string, lag: number, cpu?: number }[]} wanted lag at p99 in ms, CPU in cores
 * @param {import("../harness/contender.js").Contender[]} [beside] who is shown with them
 * @returns {import("./cases.js").Case}
 */
function rateCase(name, rate, wanted, beside = []) {
  const title = `${figure(rate)} messages per second over 100 connections, 20 bytes, one worker`;
  return {
    name,
    title,
    run: async ({ rounds, seconds, warmUp }) => {
      const target = await Target.start();
      try {
        const contenders = [...wanted.map(({ pacer }) => paced(pacer, rate)), ...beside];
        const all = [...contenders, { name: clock }];
        const times = { seconds: seconds * longer, warmUp: warmUp * warmer };
        const work = { connections: 100, size: 20, inFlight: 1, warmUp: times.warmUp };
        // Anywhere: the pacer's thread and the coordinator are to have a core beside the worker's.
        const turn = ({ lag, ...each }) =>
          each.name === clock
            ? timeAlone(rate, times.seconds)
            : measure(each, target, work, times, { after: lag, side: "anywhere" });
        const describe = ({ perSecond, p99, client, verdict }) =>
          `${figure(perSecond)} per second, lag p99 ${figure(p99)} ms, CPU ${percent(client)}, ${verdict}`;
        const { readings, notes } = await takeTurns(name, rounds, all, turn, describe);
        const taken = ({ name: who }) => readings.get(who).filter(Boolean);
        return {
          name,
          title,
          columns,
          rows: all.map((each) => rowOf(each.name, taken(each))).filter(Boolean),
          checks: wanted.flatMap((each) => checksOf(each, rate, taken({ name: each.pacer }))),
          notes,
        };
      } finally {
        await target.stop();
      }
    },
  };
}

function rowOf(pacer, readings) {
  if (readings.length === 0) return undefined;
  const of = (key) => figuresOf(readings, (reading) => reading[key]);
  const usual = of("usual").median;
  return [
    pacer,
    figure(of("perSecond").median),
    `${figure(of("p50").median)} ms`,
    `${figure(of("p99").median)} ms`,
    `${range(of("p99"))} ms`,
    Number.isNaN(usual) ? "–" : `${figure(usual)} ms`,
    percent(of("client").median),
    percent(of("server").median),
    [...new Set(readings.map(({ verdict }) => verdict))].join(", "),
  ];
}

function checksOf({ pacer, lag, cpu }, rate, readings) {
  const of = (pick) => figuresOf(readings, pick);
  if (readings.length === 0) return [];
  const off = ({ perSecond }) => Math.abs(perSecond / rate - 1) * 100;
  return [
    { what: `${pacer}, rate off by`, measured: of(off), atMost: mostOff * 100, unit: " %" },
    { what: `${pacer}, lag p99`, measured: of(({ p99 }) => p99), atMost: lag, unit: " ms" },
    ...(cpu === undefined
      ? []
      : [
          {
            what: `${pacer}, CPU of a core`,
            measured: of(({ client }) => client * 100),
            atMost: cpu * 100,
            unit: " %",
          },
        ]),
  ];
}

/** The cases of rates. @type {import("./cases.js").Case[]} */
export const rateCases = [
  rateCase(
    "rate-20k",
    20_000,
    [
      { pacer: "ticker", lag: 0.5, cpu: 0.4 },
      { pacer: "timer", lag: 1.5, cpu: 0.25 },
      { pacer: "spin", lag: 0.05 },
    ],
    [bareSpin(20_000)],
  ),
  rateCase("rate-80k", 80_000, [{ pacer: "ticker", lag: 5 }]),
];

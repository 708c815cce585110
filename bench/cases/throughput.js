/**
 * Owns the cases that compare how many messages clients get through: the same closed loop over the same
 * connections, the target's own count of a steady while, held against the CPU time of the client.
 */
import { certificate } from "../harness/certificate.js";
import { gather } from "../harness/contender.js";
import { measure } from "../harness/measure.js";
import { figure, percent, range } from "../harness/result.js";
import { figuresOf, ratiosOf, takeTurns } from "../harness/rounds.js";
import { Target } from "../harness/target.js";
import { artillery, timedArtillery } from "../peers/artillery.js";
import { bare } from "../peers/bare.js";
import { k6 } from "../peers/k6.js";
import { tcpkali } from "../peers/tcpkali.js";
import { tsung } from "../peers/tsung.js";
import { scenario, twoWorkers, wsctl } from "../peers/wsctl.js";
import { ws } from "../peers/ws.js";

/** A count that is off by more is pointed out. */
const mostOff = 0.01;
const columns = [
  "client",
  "per client CPU second",
  "lowest to highest",
  "per second",
  "client CPU",
  "server CPU",
  "at 100 %",
  "own count",
];

/**
 * Who is held against whom: `of` divided by `to`, in messages per CPU second of the client.
 * @typedef {{ of: string, to: string, atLeast?: number, atMost?: number, aim?: number, inverse?: true }} Wanted
 */

/** A case of this kind. @returns {import("./cases.js").Case} */
function throughput(name, title, contenders, work, wanted) {
  return {
    name,
    title,
    run: async ({ rounds, seconds, warmUp }) => {
      const { present, notes } = await gather(contenders);
      const files = work.tls ? await certificate() : undefined;
      const target = await Target.start(files);
      const given = { connections: 100, ca: files?.cert, ...work };
      try {
        const turn = (each) => measure(each, target, given, { seconds, warmUp });
        const describe = ({ perCpuSecond, perSecond, full }) =>
          `${figure(perCpuSecond)} per CPU second, ${figure(perSecond)} per second, full: ${full}`;
        const { readings, notes: failures } = await takeTurns(
          name,
          rounds,
          present,
          turn,
          describe,
        );
        return {
          name,
          title,
          columns,
          rows: present.flatMap((each) => rowOf(each.name, readings.get(each.name))),
          checks: wanted.flatMap((each) => checkOf(each, readings)),
          notes: [...notes, ...failures],
        };
      } finally {
        await target.stop();
      }
    },
  };
}

function rowOf(name, readings) {
  if (readings.every((reading) => reading === undefined)) return [];
  const of = (key) => figuresOf(readings, (reading) => reading[key]);
  const perCpu = of("perCpuSecond");
  const { median: off } = of("off");
  const sides = readings.filter(Boolean).map(({ full }) => full);
  const count = `${off < 0 ? "" : "+"}${(off * 100).toFixed(1)} %`;
  return [
    [
      name,
      figure(perCpu.median),
      range(perCpu),
      figure(of("perSecond").median),
      percent(of("client").median),
      percent(of("server").median),
      [...new Set(sides)].map((side) => sideText(side, sides)).join(", "),
      Number.isNaN(off) ? "none" : Math.abs(off) > mostOff ? `${count} (!)` : count,
    ],
  ];
}

function sideText(side, sides) {
  const times = sides.filter((each) => each === side).length;
  return times === sides.length ? side : `${side} ${times}×`;
}

function checkOf({ of, to, inverse, ...limits }, readings) {
  const [above, below] = [readings.get(of), readings.get(to)];
  if (!above?.some(Boolean) || !below?.some(Boolean)) return [];
  const what = inverse
    ? `CPU per message, ${of} / ${to}`
    : `messages per CPU second, ${of} / ${to}`;
  const pick = ({ perCpuSecond }) => (inverse ? 1 / perCpuSecond : perCpuSecond);
  return [{ what, measured: ratiosOf(above, below, pick), unit: " ×", ...limits }];
}

const one = { size: 20, inFlight: 1 };
const ten = { size: 20, inFlight: 10 };

/** The cases of throughput. @type {import("./cases.js").Case[]} */
export const throughputCases = [
  throughput(
    "plain-1",
    "closed loop, 100 connections, 20 bytes, one in flight",
    [wsctl, bare, ws, artillery, timedArtillery, tsung, k6],
    one,
    [
      { of: "wsctl", to: bare.name },
      { of: "wsctl", to: "ws", atLeast: 1.25, aim: 1.4 },
      { of: "wsctl", to: artillery.name, atLeast: 4 },
      { of: "wsctl", to: timedArtillery.name, atLeast: 4 },
      { of: "wsctl", to: "tsung", atLeast: 3 },
      { of: "wsctl", to: "k6", atLeast: 2.5 },
    ],
  ),
  throughput(
    "plain-10",
    "closed loop, 100 connections, 20 bytes, ten in flight",
    [wsctl, bare, ws, k6, tcpkali],
    ten,
    [
      { of: "wsctl", to: bare.name },
      { of: "wsctl", to: "ws", atLeast: 7, aim: 10 },
      { of: "wsctl", to: "k6" },
    ],
  ),
  throughput(
    "kib-1",
    "closed loop, 100 connections, 1 KiB, one in flight",
    [wsctl, ws],
    { size: 1024, inFlight: 1 },
    [{ of: "wsctl", to: "ws", atLeast: 1.2 }],
  ),
  throughput(
    "tls-1",
    "closed loop over TLS, 100 connections, 20 bytes, one in flight",
    [wsctl, ws],
    { ...one, tls: true },
    [{ of: "wsctl", to: "ws", atLeast: 1.15 }],
  ),
  throughput(
    "scenario-1",
    "plain-1 as a scenario file, through the interpreter",
    [wsctl, scenario],
    one,
    [{ of: scenario.name, to: "wsctl", atLeast: 0.8 }],
  ),
  throughput(
    "scenario-10",
    "plain-10 as a scenario file, through the interpreter",
    [wsctl, scenario],
    ten,
    [{ of: scenario.name, to: "wsctl", atLeast: 0.8 }],
  ),
  throughput("two-workers", "plain-1 with two workers against one", [wsctl, twoWorkers], one, [
    { of: twoWorkers.name, to: "wsctl", atMost: 1.1, inverse: true },
  ]),
];

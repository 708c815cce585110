/**
 * Owns the run of the micro-benchmarks: what the small things cost that a load run does for every
 * message, beside what would do the same.
 *
 *     npm run build && node bench/micro.js [rounds]
 */
import { machine } from "./harness/machine.js";
import { figure, range } from "./harness/result.js";
import { codecContests } from "./micro/codec.js";
import { hold } from "./micro/contest.js";
import { histogramContest } from "./micro/histogram.js";
import { interpreterContest } from "./micro/interpreter.js";
import { templateContest } from "./micro/template.js";
import { clearTimeouts, timerContests } from "./micro/timers.js";

const rounds = Number(process.argv[2] ?? 15);
const contests = [
  ...codecContests,
  templateContest,
  histogramContest,
  ...timerContests,
  interpreterContest,
];

const about = machine();
const rows = contests.flatMap((contest) => {
  const results = hold(contest, rounds);
  const [first] = results;
  return results.map(
    ({ name, ns }) =>
      `| ${contest.name} | ${name} | ${figure(ns.median)} | ${range(ns)} | ${(ns.median / first.ns.median).toFixed(1)} |`,
  );
});
clearTimeouts();

process.stdout.write(
  `${[
    `machine: ${about.cpu}, ${about.cores} cores, Linux ${about.linux}`,
    `versions: wsctl ${about.wsctl}, ws ${about.ws}, Node ${about.node}`,
    `${rounds} rounds, interleaved; wall time`,
    "",
    "| what | how | ns | lowest to highest | × the first |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n")}\n`,
);

/**
 * Owns the run of the benchmarks: the cases one after the other, each printed as soon as it is done,
 * and at the end what was wanted and is not. It is a measurement: the exit code is 0 whatever it gives.
 *
 *     npm run build && npm run bench -- [--only plain-1,dial] [--rounds 5] [--seconds 3] [--json FILE]
 */
import { writeFileSync } from "node:fs";
import { cases as allCases } from "./cases/cases.js";
import { endChildren } from "./harness/child.js";
import { forbidPlacing, placesText } from "./harness/cores.js";
import { forbidInstallation } from "./harness/installation.js";
import { loadNow, machine } from "./harness/machine.js";
import { helpText, readOptions } from "./harness/options.js";
import { note } from "./harness/progress.js";
import { holds, resultText } from "./harness/result.js";
import { stopping } from "./harness/rounds.js";

const usageError = 2;
const interrupted = 130;

let options;
try {
  options = readOptions(process.argv.slice(2), allCases);
} catch (error) {
  note(`error: ${error.message}`);
  process.exit(usageError);
}
const { cases, rounds, seconds, warmUp, json, mayInstall, mayPlace, isHelp } = options;
if (isHelp) {
  process.stdout.write(helpText(allCases));
  process.exit();
}
if (process.platform !== "linux") {
  note("error: the benchmarks read CPU times from /proc, which only Linux has");
  process.exit(usageError);
}
if (!mayInstall) forbidInstallation();
if (!mayPlace) forbidPlacing();

function stop() {
  if (stopping.signal.aborted) process.exit(interrupted);
  note("stopping: what there is, is printed; once more ends it at once");
  stopping.abort();
  endChildren();
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.on("exit", endChildren);

const about = machine();
const load = [loadNow()];
process.stdout.write(
  `${[
    `machine: ${about.cpu}, ${about.cores} cores, ${about.memory}, Linux ${about.linux}`,
    `versions: wsctl ${about.wsctl}, ws ${about.ws}, Node ${about.node}`,
    `places: ${placesText()}`,
    `${rounds} rounds of ${seconds} s each, interleaved; medians, and ratios of the same round`,
  ].join("\n")}\n\n`,
);

const results = [];
for (const { name, title, run } of cases) {
  if (stopping.signal.aborted) break;
  try {
    const result = await run({ rounds, seconds, warmUp });
    results.push(result);
    process.stdout.write(`${resultText(result)}\n`);
  } catch (error) {
    if (stopping.signal.aborted) break;
    note(`${name}: FAILED: ${error.stack}`);
    results.push({ name, title, columns: [], rows: [], checks: [], notes: [error.message] });
  }
  load.push(loadNow());
}

const missed = results.flatMap(({ name, checks }) =>
  checks.filter((check) => holds(check) === false).map(({ what }) => `${name}: ${what}`),
);
const met = results.flatMap(({ checks }) => checks).filter((check) => holds(check)).length;
process.stdout.write(
  `${[
    `load average ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}`,
    `wanted and there: ${met}; wanted and missed: ${missed.length}`,
    ...missed.map((text) => `✘ ${text}`),
  ].join("\n")}\n`,
);
if (json !== undefined) {
  const document = {
    machine: about,
    load,
    options: { rounds, seconds, warmUp, places: placesText() },
    results,
  };
  writeFileSync(json, `${JSON.stringify(document, null, 2)}\n`);
}
process.exit(0);

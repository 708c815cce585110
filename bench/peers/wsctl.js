/** Owns how `wsctl load` takes part: the real command, as a user runs it, by flags or by a scenario. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The program's path. */
export const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));

const reportName = "run.json";

/** The report of a run, as `-o json` wrote it. */
export function reportIn(folder) {
  return JSON.parse(readFileSync(path.join(folder, reportName), "utf8"));
}

/** The arguments of any run; its report goes to the folder. */
export function argumentsOf({ url, ca, connections, lasts, folder }, more) {
  return [
    program,
    "load",
    url,
    ...(ca ? ["--ca", ca] : []),
    "--quiet",
    `--connections=${connections}`,
    `--duration=${Math.round(lasts * 1000)}ms`,
    `--output=json=${path.join(folder, reportName)}`,
    ...more,
  ];
}

/** The closed loop by flags: latency is recorded, as always. */
function byFlags(workers) {
  return (work) => ({
    file: process.execPath,
    args: argumentsOf(work, [
      `--size=${work.size}`,
      `--in-flight=${work.inFlight}`,
      `--workers=${workers}`,
    ]),
  });
}

/**
 * The same by a file. A loop that has a name is played by virtual users, whatever it holds: without
 * one it would be compiled to just what the flags are.
 */
function byScenario(work) {
  const loop = { over: "1h", inFlight: work.inFlight, send: [{ size: work.size }] };
  const config = { correlate: { by: "order", timeout: "5s" } };
  const file = path.join(work.folder, "scenario.json");
  writeFileSync(file, JSON.stringify({ config, flow: [{ name: "loop", loop }] }));
  const [entry, verb, ...rest] = argumentsOf(work, ["--workers=1"]);
  return { file: process.execPath, args: [entry, verb, file, ...rest] };
}

function receivedIn(model) {
  return (folder) => {
    const { plan, totals } = reportIn(folder);
    if (plan.traffic.model !== model) {
      throw new Error(`it was played as ${plan.traffic.model}, not ${model}`);
    }
    return totals.ws_msgs_received;
  };
}

/** @type {import("../harness/contender.js").Contender} one worker, by flags */
export const wsctl = { name: "wsctl", command: byFlags(1), received: receivedIn("closed") };

/** @type {import("../harness/contender.js").Contender} two workers, by flags */
export const twoWorkers = {
  name: "wsctl, 2 workers",
  cores: 2,
  command: byFlags(2),
  received: receivedIn("closed"),
};

/** @type {import("../harness/contender.js").Contender} one worker, by a scenario file */
export const scenario = {
  name: "wsctl, scenario",
  command: byScenario,
  received: receivedIn("flow"),
};

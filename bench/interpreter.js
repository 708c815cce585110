/**
 * Owns the benchmark of virtual users: messages per second of the client's CPU time through a
 * scenario, against the bare closed loop, in one worker. All take turns within a round, so that
 * whatever else the machine does falls on all; the ratios of a round count. The target is an echo
 * that costs less than any of them.
 *
 *     npm run build && node bench/interpreter.js [rounds] [seconds] [another build's dist]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { loadNow, machine } from "./harness/machine.js";
import { median } from "./harness/statistics.js";
import { Target } from "./harness/target.js";
import { names, scenarioOf } from "./interpreter/cases.js";

const rounds = Number(process.argv[2] ?? 9);
const seconds = Number(process.argv[3] ?? 1);
const other = process.argv[4];
const connections = 50;

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** A process of its own for each case, as a run has one: none profits from another's types. */
async function startWorker(dist) {
  const child = fork(path("interpreter/worker.js"), [dist]);
  await once(child, "message");
  return child;
}

async function measure(worker, server, scenario) {
  const before = server.cpu();
  worker.send(scenario);
  const [{ result, error }] = await once(worker, "message");
  if (error) throw new Error(error);
  const { model, received, cpu, took } = result;
  const served = (server.cpu() - before) * 1000;
  return { model, rate: (received / cpu) * 1000, client: cpu / took, server: served / took };
}

const server = await Target.start();
const builds = { "": path("../dist"), ...(other ? { "other: ": other } : {}) };
const cases = [];
for (const inFlight of [1, 10]) {
  for (const [build, dist] of Object.entries(builds)) {
    for (const name of names) {
      const given = { url: server.url, connections, inFlight, seconds };
      const worker = await startWorker(dist);
      const each = { name, build, inFlight, worker, scenario: scenarioOf(name, given), runs: [] };
      // The compiler has its say before anything counts.
      const { model } = await measure(worker, server, each.scenario);
      const wanted = name === names[0] ? "closed" : "flow";
      if (model !== wanted) throw new Error(`${name} is played as ${model}`);
      cases.push(each);
    }
  }
}

const load = [loadNow()];
for (let round = 0; round < rounds; round++) {
  // Who goes first changes, so that a machine that slows down favours nobody.
  const order = round % 2 === 0 ? cases : cases.toReversed();
  for (const each of order) each.runs.push(await measure(each.worker, server, each.scenario));
  load.push(loadNow());
}
for (const { worker } of cases) worker.disconnect();
await server.stop();

const about = machine();
const share = (value) => `${Math.round(value * 100)} %`;
const lines = cases.map(({ name, build, inFlight, runs }) => {
  const bare = cases.find((each) => each.inFlight === inFlight && each.name === names[0]);
  const ratios = runs.map(({ rate }, i) => rate / bare.runs[i].rate);
  const [client, served] = ["client", "server"].map((side) => median(runs.map((run) => run[side])));
  const full = client >= 0.95 ? "client" : served >= 0.95 ? "server" : "neither";
  return [
    `| ${build}${name}, ${inFlight} in flight`,
    Math.round(median(runs.map(({ rate }) => rate))),
    `**${median(ratios).toFixed(2)}**`,
    `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    share(client),
    share(served),
    `${full} |`,
  ].join(" | ");
});
process.stdout.write(
  `${[
    `${connections} connections, one worker, ${rounds} rounds of ${seconds} s each, interleaved`,
    `machine: ${about.cpu}, ${about.cores} cores, Linux ${about.linux}, load average ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}`,
    `versions: wsctl ${about.wsctl}, Node ${about.node}`,
    "",
    "| case | per client CPU second | ratio to bare | lowest to highest | client CPU | server CPU | at 100 % |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n")}\n`,
);

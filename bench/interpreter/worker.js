/**
 * Owns the client's process: one worker's engine, run again and again with what the bench asks for,
 * so that its code is compiled when it counts. It tells what it received and the CPU that it took.
 *
 *     node worker.js DIST    (with an IPC channel)
 */
import { pathToFileURL } from "node:url";

const dist = pathToFileURL(`${process.argv[2]}/`);
const load = (path) => import(new URL(path, dist).href);
const { compile } = await load("scenario/compile.js");
const { readScenario } = await load("scenario/read.js");
const { Engine } = await load("load/engine.js");

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const probe = {
  cpu,
  rss: () => process.memoryUsage.rss(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

/** The plan of a scenario file's text. */
async function planOf(text) {
  const env = new Map();
  const access = { folder: process.cwd(), allowPaths: false };
  const { scenario, places, resources } = await readScenario("bench.yaml", text, { access, env });
  return compile(scenario, { places, resources, env });
}

/** One run; CPU and time are those between the start of traffic and its end. */
async function run(text) {
  const plan = await planOf(text);
  const shard = { index: 0, of: 1, from: 0, to: plan.connections };
  const engine = new Engine(plan, shard, "bench", probe, () => {});
  await engine.open(probe.monotonic());
  const before = { cpu: cpu(), at: performance.now() };
  // The engine asks for the CPU when traffic ends, and drains only then: that is the least of it.
  await engine.run(probe.monotonic());
  const used = cpu() - before.cpu;
  const took = performance.now() - before.at;
  await engine.close();
  const { inTraffic, errors, totals } = engine.finish();
  if (errors.length > 0 || inTraffic.received === 0) {
    throw new Error(`the run went wrong: ${JSON.stringify(errors)}`);
  }
  return { model: plan.traffic.model, received: inTraffic.received, totals, cpu: used, took };
}

process.on("message", (text) => {
  run(text).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.stack }),
  );
});
process.send({ ready: true });

/**
 * Owns how Artillery takes part: virtual users that wait for the answer to each message before they
 * send the next one, until the time is over. The message is JSON, because Artillery takes every answer
 * for that and is slower when it is not. Of WebSocket messages it records no latency by itself: it takes
 * part as it is, and with two functions around each message that record one, as its users write them.
 */
import { writeFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { inPackages, installPackages } from "../harness/installation.js";

/** Seconds in which its users arrive. */
const slack = 1;
const oldestNode = 22;
const isNewEnough = Number(process.versions.node.split(".", 1)[0]) >= oldestNode;
/** It asks for a newer Node than wsctl does; this package is nothing but the program. */
const nodePackage = `node-linux-${process.arch}`;

/** Time is counted from the first answer, not from the start of a process that takes its time. */
const processor = (lasts) => `
const { performance } = require("node:perf_hooks");
let until;
exports.isTime = (context, next) => {
  const now = Date.now();
  until ??= now + ${lasts * 1000};
  next(now < until);
};
exports.begin = (context, events, next) => {
  context.vars.begun = performance.now();
  next();
};
exports.end = (context, events, next) => {
  events.emit("histogram", "round_trip", performance.now() - context.vars.begun);
  next();
};
`;

function scriptOf({ url, connections, size }, isTimed) {
  const payload = JSON.stringify("x".repeat(size - 2));
  // It waits for an answer only where there is something to look for in it; this costs least.
  const match = { regexp: "x", value: "x" };
  const message = { send: { payload, match } };
  const loop = isTimed ? [{ function: "begin" }, message, { function: "end" }] : [message];
  return {
    config: {
      target: url,
      processor: "./processor.cjs",
      phases: [{ duration: slack, arrivalCount: connections }],
    },
    scenarios: [
      {
        engine: "ws",
        flow: [{ loop, whileTrue: "isTime" }],
      },
    ],
  };
}

/** @returns {import("../harness/contender.js").Contender} */
const contender = (name, isTimed) => ({
  name,
  slack,
  absent: () =>
    installPackages(
      ["artillery@2", ...(isNewEnough ? [] : [`${nodePackage}@${oldestNode}`])],
      "artillery/bin/run",
    ),
  command: (work) => {
    const file = (part) => path.join(work.folder, part);
    writeFileSync(file("script.json"), JSON.stringify(scriptOf(work, isTimed)));
    writeFileSync(file("processor.cjs"), processor(work.lasts));
    return {
      file: isNewEnough ? process.execPath : inPackages(`${nodePackage}/bin/node`),
      args: [
        inPackages("artillery/bin/run"),
        "run",
        `--output=${file("report.json")}`,
        file("script.json"),
      ],
      // Threads for users: as many as wsctl has workers.
      env: { WORKERS: "1", ARTILLERY_DISABLE_TELEMETRY: "true" },
    };
  },
  received: (folder) => {
    const { aggregate } = JSON.parse(readFileSync(path.join(folder, "report.json"), "utf8"));
    const { counters, histograms } = aggregate;
    const received = counters["websocket.messages_received"];
    const timed = histograms["round_trip"]?.count ?? 0;
    if (isTimed && timed < received * 0.99) throw new Error(`it timed ${timed} of ${received}`);
    return received;
  },
});

/** Artillery as it is, which records no latency. */
export const artillery = contender("artillery", false);
/** Artillery with a latency recorded, as all the others have it. */
export const timedArtillery = contender("artillery, latency", true);

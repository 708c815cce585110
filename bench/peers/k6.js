/** Owns how k6 takes part, where it is found: each virtual user answers what it gets with the next. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

function scriptOf({ url, connections, size, inFlight, lasts }) {
  return `
import ws from "k6/ws";
export const options = {
  scenarios: {
    echo: { executor: "per-vu-iterations", vus: ${connections}, iterations: 1, maxDuration: "1h" },
  },
};
const text = "x".repeat(${size});
export default function () {
  ws.connect("${url}", {}, (socket) => {
    socket.on("open", () => {
      for (let i = 0; i < ${inFlight}; i++) socket.send(text);
      socket.setTimeout(() => socket.close(), ${lasts * 1000});
    });
    socket.on("message", () => socket.send(text));
  });
}
`;
}

/** @type {import("../harness/contender.js").Contender} */
export const k6 = {
  name: "k6",
  absent: async () =>
    spawnSync("k6", ["version"], { stdio: "ignore" }).status === 0 ? undefined : "not on PATH",
  command: (work) => {
    const script = path.join(work.folder, "script.js");
    const summary = path.join(work.folder, "summary.json");
    writeFileSync(script, scriptOf(work));
    return {
      file: "k6",
      args: ["run", "--quiet", "--no-usage-report", "--summary-export", summary, script],
      // One core for it, as for the others.
      env: { GOMAXPROCS: "1" },
    };
  },
  received: (folder) => {
    const { metrics } = JSON.parse(readFileSync(path.join(folder, "summary.json"), "utf8"));
    return metrics.ws_msgs_received.count;
  },
};

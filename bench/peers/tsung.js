/**
 * Owns how tsung takes part: a session that sends and waits for an answer, again and again, until
 * tsung ends the load. Its figures of the last moments are lost then: it says a few percent less than
 * there were.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installDebian } from "../harness/installation.js";

/** What it needs before the first user comes: it warms up for a second, and takes its time to start. */
const slack = 1;

function configOf({ url, connections, size, lasts }) {
  const { hostname, port } = new URL(url);
  const seconds = Math.ceil(lasts);
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd" []>
<tsung loglevel="error" version="1.0">
  <clients><client host="localhost" use_controller_vm="true" maxusers="30000"/></clients>
  <servers><server host="${hostname}" port="${port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">
    <arrivalphase phase="1" duration="${seconds}" unit="second">
      <users maxnumber="${connections}" arrivalrate="1000" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="echo" probability="100" type="ts_websocket">
      <request><websocket type="connect" path="/"/></request>
      <for from="1" to="1000000000" var="round">
        <request><websocket type="message">${"x".repeat(size)}</websocket></request>
      </for>
    </session>
  </sessions>
</tsung>
`;
}

/** A name server of its own for Erlang, which ends with it: else one is left behind as a daemon. */
const start = 'epmd -port "$ERL_EPMD_PORT" & exec tsung -n -f "$1" -l "$2" start';

/** @type {import("../harness/contender.js").Contender} */
export const tsung = {
  name: "tsung",
  slack,
  absent: () =>
    installDebian("tsung", () => spawnSync("tsung", ["-v"], { stdio: "ignore" }).status === 0),
  command: (work) => {
    const file = path.join(work.folder, "tsung.xml");
    writeFileSync(file, configOf(work));
    const port = 20_000 + (process.pid % 10_000);
    return {
      file: "sh",
      args: ["-c", start, "sh", file, work.folder],
      env: { HOME: work.folder, ERL_EPMD_PORT: String(port) },
    };
  },
  received: (folder) => {
    const day = readdirSync(folder).find((name) => /^\d{8}-\d{4}$/.test(name));
    const log = readFileSync(path.join(folder, day, "tsung.log"), "latin1");
    // stats: request COUNT MEAN STDDEV MAX MIN MEAN COUNT, of the last seconds and of all before them;
    // opening a connection is a request, too.
    const last = [...log.matchAll(/^stats: request (\d+) .* (\d+)$/gm)].at(-1);
    const opened = [...log.matchAll(/^stats: websocket_succ \d+ (\d+)$/gm)].at(-1);
    return Number(last[1]) + Number(last[2]) - Number(opened[1]);
  },
};

/** Owns what has to be said about where figures come from: the machine and the versions. */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

function versionOf(folder) {
  const file = new URL(`../../${folder}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

/** The load average of the last minute: above one on a quiet machine, somebody else is there. */
export function loadNow() {
  return loadavg()[0];
}

/** Machine and versions, as plain data. */
export function machine() {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    linux: release(),
    node: process.versions.node,
    wsctl: versionOf("."),
    ws: versionOf("node_modules/ws"),
  };
}

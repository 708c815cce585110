/**
 * Owns what is known of processes from outside: the CPU time of one and of all that came from it, and
 * its resident memory, as Linux tells them in /proc.
 */
import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts CPU time in hundredths of a second (USER_HZ, the same on all of Linux). */
const ticksPerSecond = 100;

/** A file of a process; undefined when the process is gone. */
function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return undefined;
  }
}

/** What `stat` says of a process; undefined when it is gone. */
function statOf(pid) {
  const stat = read(pid, "stat");
  if (stat === undefined) return undefined;
  // The name may hold spaces and brackets: count from its end (proc(5): state is field 3).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const number = (field) => Number(fields[field - 3]);
  return {
    pid,
    parent: number(4),
    session: number(6),
    // Field 14 to 17: user and system time, its own and that of children that are gone.
    cpu: (number(14) + number(15) + number(16) + number(17)) / ticksPerSecond,
  };
}

/** The process, all that came from it, and all of the session that it leads. */
function treeOf(root) {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((each) => each !== undefined);
  const members = new Set([root]);
  let before = 0;
  while (members.size > before) {
    before = members.size;
    for (const { pid, parent, session } of all) {
      if (members.has(parent) || session === root) members.add(pid);
    }
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** CPU seconds that a process and all that came from it have used, threads included. */
export function cpuOf(root) {
  return treeOf(root).reduce((sum, { cpu }) => sum + cpu, 0);
}

/** Of the process and all that came from it, the first whose command line has this text in it. */
export function findIn(root, text) {
  return treeOf(root).find(({ pid }) => read(pid, "cmdline")?.includes(text))?.pid;
}

/** Resident memory in bytes; 0 when the process is gone. */
export function residentOf(pid) {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, "status") ?? "")?.[1];
  return Number(kib ?? 0) * 1024;
}

/** How many files a process that is started here may open; Node raises its own limit to that. */
export function fileLimit() {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(read("self", "limits") ?? "")?.[1];
  return Number(limit ?? Infinity);
}

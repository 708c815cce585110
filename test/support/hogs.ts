/** Owns programs that keep every core busy, as a test's only neighbours on a machine would. */
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism, setPriority } from "node:os";
import { startChild } from "./child.js";

/** However a test ends, its hogs are gone after so many ms. */
const longest = 20_000;

const hog = `console.log("busy"); for (const end = Date.now() + ${longest}; Date.now() < end; );`;

/** Keeps every core busy until disposed of; resolves when all are at it. */
export async function startHogs(): Promise<AsyncDisposable> {
  const count = 2 * availableParallelism();
  const children = Array.from({ length: count }, () => startChild(process.execPath, ["-e", hog]));
  await Promise.all(children.map(async (child) => child.nextLine()));
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(async (child) => child[Symbol.asyncDispose]()));
    },
  };
}

/** Some 5 % of a core is what is left at this priority when two hogs want it. */
const humble = 10;

/** Puts a process behind all others; nobody needs a privilege for that. */
export function putBehind(pid: number): void {
  setPriority(pid, humble);
  // Where Linux shares cores out by session, priorities count within one session only (sched(7)).
  const ofSession = `/proc/${pid}/autogroup`;
  if (existsSync(ofSession)) writeFileSync(ofSession, String(humble));
}

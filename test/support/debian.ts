/**
 * Owns what tests need of the operating system: whether it is there, getting it from Debian where
 * that is possible, and saying so loudly where it is not.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Test files run side by side; flock(1) lets one install at a time and frees itself on any exit. */
const lock = path.join(tmpdir(), "wsctl-test-apt.lock");

const installTimeoutMs = 300_000;

/** Whether a command can be run here and ends with 0. */
export function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 30_000 }).status === 0;
}

/** What went wrong while installing; undefined when the package is there now. */
function install(name: string): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return "this is no Debian, or not its root user";
  }
  // Another test file may have got it while this one waited for the lock.
  const apt = `dpkg --status ${name} || { apt-get update && apt-get install --yes ${name}; }`;
  const run = spawnSync("flock", [lock, "sh", "-c", apt], {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: installTimeoutMs,
  });
  if (run.status === 0) return undefined;
  return run.error?.message ?? run.stderr.trim().split("\n").at(-1) ?? "apt-get failed";
}

/**
 * Whether a Debian package is usable here, after trying to install it. To be called at the top of a
 * test file, outside of tests and hooks, whose time limits are too short for an installation:
 * `describe.skipIf(!requireDebian(…))`.
 *
 * @param name - the package
 * @param probe - looks whether what the tests need of it works
 * @returns false when the tests have to be skipped; stderr then says why
 * @throws Error instead of that when the environment variable CI is set: there a skip is a failure
 */
export function requireDebian(name: string, probe: () => boolean): boolean {
  if (probe()) return true;
  const trouble = install(name);
  if (probe()) return true;
  const message =
    `tests need the Debian package ${name}: ${trouble ?? "it is installed, but does not work"}. ` +
    `Get it with: sudo apt-get install ${name}`;
  if (isSet(process.env["CI"])) throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}\n`);
  return false;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

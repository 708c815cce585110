/**
 * Owns getting peers that are not there: from npm into a folder of their own, which git ignores and
 * `npm ci` throws away, and from Debian. What it does it says; what it may not or cannot do is a reason
 * to go without the peer.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.js";
import { note } from "./progress.js";

const folder = fileURLToPath(new URL("../../node_modules/.cache/wsctl-bench", import.meta.url));

/** Whether anything may be installed. */
let allowed = true;

/** From now on nothing is installed. */
export function forbidInstallation() {
  allowed = false;
}

/** The path of something in the packages that {@link installPackages} fetched. */
export function inPackages(relative) {
  return path.join(folder, "node_modules", relative);
}

/** Runs a command to its end; why it failed, or undefined. */
async function run(file, args) {
  const child = new Child({ file, args, env: { DEBIAN_FRONTEND: "noninteractive" } });
  await child.over;
  if (child.ended === 0) return undefined;
  return child.output.trim().split("\n").at(-1) || `${file} ended with ${child.ended}`;
}

/**
 * Sees to it that npm packages are there.
 * @param {string[]} packages with their versions
 * @param {string} proof a path in them that shows that they are
 * @returns {Promise<string | undefined>} why they are not
 */
export async function installPackages(packages, proof) {
  if (existsSync(inPackages(proof))) return undefined;
  if (!allowed) return "not installed, and --no-install was given";
  note(`installing ${packages.join(" and ")} into ${path.relative(process.cwd(), folder)} …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  const failed = await run("npm", ["install", "--prefix", folder, "--ignore-scripts", ...packages]);
  return failed && `npm could not install it: ${failed}`;
}

/**
 * Sees to it that a Debian package is there; root only.
 * @param {() => boolean} isThere
 * @returns {Promise<string | undefined>} why it is not
 */
export async function installDebian(name, isThere) {
  if (isThere()) return undefined;
  if (!allowed) return "not on PATH, and --no-install was given";
  if (process.getuid() !== 0) return `not on PATH (apt-get install ${name})`;
  note(`installing the Debian package ${name} …`);
  const failed =
    (await run("apt-get", ["update"])) ??
    (await run("apt-get", ["install", "--yes", "--no-install-recommends", name]));
  if (failed) return `apt-get could not install it: ${failed}`;
  return isThere() ? undefined : "it was installed, and does not run";
}

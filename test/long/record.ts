/**
 * Owns the records of the long forms: `bench/results/NAME.json`, with what was measured and whether
 * the guarantee held, by which commit, where, with which versions.
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const results = path.join(root, "bench", "results");

const run = promisify(execFile);

/** What is shown. */
interface Subject {
  /** The guarantee, in a sentence. */
  readonly guarantee: string;
  /** Of everything random in it; undefined where nothing is. */
  readonly seed?: number;
}

/** Which commit is measured, and whether the program differs from it. */
async function commitOf(): Promise<{ commit: string; uncommitted: boolean }> {
  const git = async (...args: string[]): Promise<string> =>
    (await run("git", args, { cwd: root })).stdout.trim();
  try {
    const changed = await git("status", "--porcelain", "--", "src", "bin", "package-lock.json");
    return { commit: await git("rev-parse", "HEAD"), uncommitted: changed !== "" };
  } catch {
    // A tarball has no history.
    return { commit: "unknown", uncommitted: true };
  }
}

async function versionOf(): Promise<string> {
  const text = await readFile(path.join(root, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** To three decimals: a microsecond of what is in ms. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}

/**
 * Measures, writes down what came of it, and only then holds it against what is guaranteed.
 *
 * @param name - of the file, without `.json`
 * @throws whatever `holds` throws
 */
export async function record<Figures>(
  name: string,
  { guarantee, seed }: Subject,
  measure: () => Promise<Figures> | Figures,
  holds: (figures: Figures) => void,
): Promise<void> {
  const [load] = os.loadavg();
  const began = new Date();
  const figures = await measure();
  let broken: unknown;
  try {
    holds(figures);
  } catch (error) {
    broken = error;
  }
  const entry = {
    $schema: "wsctl.guarantee/1",
    guarantee,
    holds: broken === undefined,
    ...(await commitOf()),
    seed,
    versions: { wsctl: await versionOf(), node: process.version },
    machine: {
      cpu: os.cpus()[0]?.model ?? "unknown",
      cores: os.availableParallelism(),
      memoryGiB: os.totalmem() / 1024 ** 3,
      os: `${os.type()} ${os.release()}`,
      loadAverageBefore: load,
    },
    began: began.toISOString(),
    seconds: (Date.now() - began.getTime()) / 1000,
    figures,
  };
  await mkdir(results, { recursive: true });
  const file = path.join(results, `${name}.json`);
  await writeFile(file, `${JSON.stringify(entry, rounded, 2)}\n`);
  // Laid out as everything else is, so that a new record is no trouble for `npm run format:check`.
  await run(path.join(root, "node_modules", ".bin", "oxfmt"), [file], { cwd: root });
  if (broken !== undefined) throw broken;
}

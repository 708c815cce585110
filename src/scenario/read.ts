/** Owns reading a scenario file: text in, a sound scenario out, or every mistake with its place. */
import { type OnYamlMistake, type YamlPath, YamlSource } from "../base/yaml-source.js";
import { checkScenario } from "./check.js";
import { ScenarioMistakes, type Mistake, type Problem } from "./mistake.js";
import { type Overrides, scenarioWith } from "./overrides.js";
import { Places } from "./places.js";
import { pruned } from "./prune.js";
import { type FileAccess, readResources, type Resources } from "./resources.js";
import type { Scenario } from "./scenario.js";
import { document } from "./schema/document.js";
import { Wording } from "./schema/wording.js";

/** What reading needs to know beside the text. */
export interface ReadOptions {
  /** Where the files that it names may lie. */
  readonly access: FileAccess;
  /** What `$env.NAME` may read. */
  readonly env: ReadonlyMap<string, string>;
  /** What the command line changes. */
  readonly overrides?: Overrides | undefined;
  /** @throws WsctlError WSCTL_EUSAGE for what is no address of a WebSocket */
  readonly checkTarget?: ((url: string) => unknown) | undefined;
}

/** A scenario that can be compiled. */
export interface ReadScenario {
  /** With what the command line changes. */
  readonly scenario: Scenario;
  readonly places: Places;
  readonly resources: Resources;
}

/**
 * Reads a scenario and the files that it names, and checks all of it.
 * @param name the file's, as it is shown in places
 * @param text YAML or JSON
 * @throws ScenarioMistakes (WSCTL_EUSAGE) with everything that is wrong
 */
export async function readScenario(
  name: string,
  text: string,
  options: ReadOptions,
): Promise<ReadScenario> {
  const { access, env, overrides = {}, checkTarget } = options;
  const early: Parameters<OnYamlMistake>[] = [];
  const source = new YamlSource(name, text, (...mistake) => void early.push(mistake));
  const places = new Places(source);
  const value = source.isSound ? source.value((...mistake) => void early.push(mistake)) : undefined;
  if (early.length === 0 && (value === null || value === undefined)) {
    early.push([0, "the file is empty", "`wsctl scenario init` writes one to begin with"]);
  }
  const mistakes = early.map((mistake) => places.mistake(...mistake));
  if (value === null || value === undefined) throw new ScenarioMistakes(name, mistakes);

  const shapeless = shapeProblems(value);
  const isWhole = shapeless.length === 0;
  const sound = isWhole ? (value as Scenario) : pruned<Scenario>(document, value, shapeless);
  const problems: Problem[] = [...shapeless];
  let found: Omit<ReadScenario, "places"> | undefined;
  if (sound) {
    const scenario = scenarioWith(sound, overrides);
    const resources = await readResources(
      scenario,
      access,
      (problem) => void problems.push(problem),
    );
    const { feeders } = resources;
    const meant = checkScenario({ scenario, env, feeders, checkTarget });
    problems.push(...(isWhole ? meant : meant.filter((problem) => !mayFollow(problem, shapeless))));
    found = { scenario, resources };
  }
  // What could not be read is not besides of the wrong kind.
  const unread = new Set(mistakes.map(({ place }) => place));
  const located = problems.map((problem) => places.locate(problem));
  mistakes.push(...located.filter(({ place }) => !unread.has(place)));
  if (mistakes.length > 0 || !found) throw new ScenarioMistakes(name, inOrder(mistakes));
  return { ...found, places };
}

/** What is wrong with the shape of a document. */
function shapeProblems(value: unknown): Problem[] {
  const { success, error } = document.safeParse(value);
  if (success) return [];
  const wording = new Wording(document, value);
  const problems = error.issues.flatMap((issue) => wording.problemsOf(issue));
  const direct = problems.filter(({ isDerived }) => isDerived !== true);
  return problems.filter((problem) => !problem.isDerived || !mayFollowFrom(problem, direct));
}

/** Whether it may be wrong only because something else was cut out, there or anywhere. */
function mayFollow({ path, isDerived }: Problem, cut: readonly Problem[]): boolean {
  if (mayFollowFrom({ path }, cut)) return true;
  return isDerived === true && !cut.every((other) => isAside(other.path));
}

/** Parts of a configuration that nothing else goes by. */
const aside: ReadonlySet<string | number | undefined> = new Set([
  "connection",
  "heartbeat",
  "load",
  "target",
  "thresholds",
]);

/** Whether it is of no consequence elsewhere that what was at the path is gone. */
function isAside([top, part]: YamlPath): boolean {
  return top === "events" || top === "profiles" || (top === "config" && aside.has(part));
}

function mayFollowFrom({ path }: Pick<Problem, "path">, others: readonly Problem[]): boolean {
  return others.some((other) => isWithin(other.path, path));
}

function isWithin(path: YamlPath, outer: YamlPath): boolean {
  return outer.every((step, index) => path[index] === step);
}

/** As they stand in the file; one place is told once. */
function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  const at = ({ place }: Mistake): number[] => place.split(":").slice(-2).map(Number);
  const seen = new Set<string>();
  return mistakes
    .filter(({ place, message }) => {
      const key = `${place} ${message}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .toSorted((a, b) => {
      const [[lineA = 0, columnA = 0], [lineB = 0, columnB = 0]] = [at(a), at(b)];
      return lineA - lineB || columnA - columnB;
    });
}

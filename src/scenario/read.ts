/** Owns reading a scenario file: text in, a sound scenario out, or every mistake with its place. */
import { type OnYamlMistake, type YamlPath, YamlSource } from "../base/yaml-source.js";
import { checkScenario } from "./check.js";
import { unknownVariables } from "./given-variables.js";
import { mostMistakes, ScenarioMistakes, type Cut, type Mistake, type Problem } from "./mistake.js";
import { type Overrides, reshapes, scenarioWith } from "./overrides.js";
import { tooManyPatterns, tooManySteps } from "./pattern-work.js";
import { Places } from "./places.js";
import { pruned } from "./prune.js";
import { remarksOn } from "./remarks.js";
import { type FileAccess, readResources, type Resources } from "./resources.js";
import type { Scenario } from "./scenario.js";
import { document } from "./schema/document.js";
import { foreignValue } from "./schema/foreign-values.js";
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
  /** What is no mistake, and most likely not meant. */
  readonly remarks: readonly Mistake[];
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
  const tellEarly: OnYamlMistake = (...mistake) => {
    if (early.length <= mostMistakes) early.push(mistake);
  };
  const source = new YamlSource(name, text, tellEarly);
  const places = new Places(source);
  const value = source.isSound ? source.value(tellEarly) : undefined;
  if (early.length === 0 && (value === null || value === undefined)) {
    early.push([0, "the file is empty", "`wsctl scenario init` writes one to begin with"]);
  }
  const mistakes = early.map((mistake) => places.mistake(...mistake));
  if (value === null || value === undefined) throw new ScenarioMistakes(name, mistakes);

  // Nothing else is looked at: each rule of the schema would look at them anew.
  const tooMany = tooManySteps(value) ?? tooManyPatterns(value);
  if (tooMany) throw new ScenarioMistakes(name, inOrder([...mistakes, places.locate(tooMany)]));
  const shapeless = shapeProblems(value);
  // With more than are told, what else is wrong would not be told.
  const looked = shapeless.length > mostMistakes ? undefined : soundOf(value, shapeless);
  const { sound, cuts } = looked ?? { sound: undefined, cuts: [] };
  const problems: Problem[] = [...shapeless];
  let found: Omit<ReadScenario, "places" | "remarks"> | undefined;
  if (sound) {
    const scenario = scenarioWith(sound, overrides);
    const tell = (problem: Problem): void => void problems.push(problem);
    const resources = await readResources(scenario, access, tell);
    const { feeders } = resources;
    const { variables = new Map<string, string>(), variablesOfEnv = new Set<string>() } = overrides;
    const given = unknownVariables(sound, variables, variablesOfEnv);
    const isReshaped = reshapes(overrides);
    const meant = [...given, ...checkScenario({ scenario, env, feeders, checkTarget, isReshaped })];
    problems.push(...meant.filter((problem) => !cuts.some((cut) => mayFollow(problem, cut))));
    found = { scenario, resources };
  }
  // What could not be read is not besides of the wrong kind.
  const unread = new Set(mistakes.map(({ place }) => place));
  const located = problems
    .slice(0, mostMistakes + 1)
    .map((problem) => places.locate(problem))
    .filter(({ place }) => !unread.has(place));
  mistakes.push(...located);
  if (mistakes.length > 0 || !found) throw new ScenarioMistakes(name, inOrder(mistakes));
  const remarks = remarksOn(found.scenario).map((remark) => places.locate(remark));
  return { ...found, places, remarks };
}

/** The document without what is wrong with its shape; undefined when nothing sound is left. */
function soundOf(value: unknown, shapeless: readonly Problem[]) {
  if (shapeless.length === 0) return { sound: value as Scenario, cuts: [] };
  return pruned<Scenario>(document, value, shapeless);
}

/** What is wrong with the shape of a document. */
function shapeProblems(value: unknown): Problem[] {
  const { success, error } = document.safeParse(value);
  if (success) return [];
  const wording = new Wording(document, value);
  const problems: Problem[] = [];
  for (const issue of error.issues) {
    for (const problem of wording.problemsOf(issue)) {
      const { hint = foreignValue(problem.path, valueAt(value, problem.path)) } = problem;
      problems.push({ ...problem, hint });
    }
    if (problems.length > mostMistakes) break;
  }
  // A map that misses something may have it under a mistyped key.
  const mistyped = new Set(
    problems
      .filter((problem) => "meant" in problem)
      .flatMap(({ path, meant = path }) => [path, meant])
      .map((path) => JSON.stringify(path.slice(0, -1))),
  );
  return problems.filter(
    ({ path, isDerived }) => !isDerived || !mistyped.has(JSON.stringify(path)),
  );
}

function valueAt(root: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step],
    root,
  );
}

/** Whether it may be wrong only because that was cut out. */
function mayFollow(problem: Problem, cut: Cut): boolean {
  if (problem.mayFollow) return problem.mayFollow(cut);
  return problem.path.every((step, index) => cut.path[index] === step);
}

/** As they stand in the file; one place is told once. */
function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  // What came with a flag stands behind all of the file.
  const at = ({ place }: Mistake): number[] => {
    const [, line = Infinity, column = 0] = /:(\d+):(\d+)$/.exec(place) ?? [];
    return [Number(line), Number(column)];
  };
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
      return lineA === lineB ? columnA - columnB : lineA - lineB;
    });
}

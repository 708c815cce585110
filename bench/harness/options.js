/** Owns the command line of the benchmarks. */
import { parseArgs } from "node:util";

const defaults = { rounds: 5, seconds: 3 };
/** Seconds between a client's first messages and the window, for compilers to have their say. */
const longestWarmUp = 1;

/** What `--help` says. @param {import("../cases/cases.js").Case[]} cases */
export function helpText(cases) {
  const widest = Math.max(...cases.map(({ name }) => name.length));
  return `Usage: npm run bench -- [options]

Measures wsctl beside its peers, turn and turn about, on the same server. It always
ends with 0: what is wanted is printed beside what it is. See docs/benchmarks.md.

Options:
  --only <names>   only these cases, separated by commas
  --rounds <n>     how often everybody has a turn (default: ${defaults.rounds})
  --seconds <s>    how long each is watched, after a warm-up (default: ${defaults.seconds}); rates are
                   watched ten times as long, the soak twenty times
  --unplaced       let the scheduler decide who runs on which core; else the target has
                   the last one for itself
  --json <file>    write all figures there, each round's too
  --no-install     go without the peers that are not there yet
  --help           print this

Cases:
${cases.map(({ name, title }) => `  ${name.padEnd(widest)}  ${title}`).join("\n")}
`;
}

function numberOf(text, what, least) {
  const value = Number(text);
  if (!(value >= least)) throw new Error(`--${what} takes a number from ${least}, not "${text}"`);
  return value;
}

/**
 * @param {string[]} argv
 * @param {import("../cases/cases.js").Case[]} cases
 * @throws Error for what it does not know
 */
export function readOptions(argv, cases) {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: String(defaults.rounds) },
      seconds: { type: "string", default: String(defaults.seconds) },
      json: { type: "string" },
      "no-install": { type: "boolean", default: false },
      unplaced: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const names = values.only?.split(",").map((name) => name.trim());
  const unknown = names?.find((name) => !cases.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`there is no case "${unknown}": see --help`);
  const seconds = numberOf(values.seconds, "seconds", 0.1);
  return {
    cases: names ? cases.filter(({ name }) => names.includes(name)) : cases,
    rounds: Math.round(numberOf(values.rounds, "rounds", 1)),
    seconds,
    warmUp: Math.min(seconds, longestWarmUp),
    json: values.json,
    mayInstall: !values["no-install"],
    mayPlace: !values.unplaced,
    isHelp: values.help,
  };
}

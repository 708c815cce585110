/** Owns `wsctl scenario init`: a new scenario file, from answers or from flags. */
import { Command, Option } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { mistakesOfFlags } from "../../scenario/flag-threshold.js";
import { ScenarioMistakes } from "../../scenario/mistake.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { collect } from "../options.js";
import { checkWritable, writeWhole } from "../outputs/output-file.js";
import { type Answers, checks, usual } from "../starter/answers.js";
import { commands, newScenario } from "../starter/new-scenario.js";
import { type ShapeName, shapes } from "../starter/shapes.js";
import { requireMeasured, requireSound } from "../starter/soundness.js";
import { type TrafficName, traffics } from "../starter/traffics.js";

const examples = `
Examples:
  $ wsctl scenario init                               answer some questions
  $ wsctl scenario init chat.yaml --traffic broadcast --connections 200
  $ wsctl scenario init - --yes --target wss://example.test/ | wsctl load - --dry-run
  $ wsctl scenario init --yes --shape arrivals --arrival-rate 20/s --duration 5m
  $ wsctl scenario init --yes --gate 'ws_msg_rtt: p(99)<200ms' --gate 'checks: rate>99%'`;

function initOptions() {
  return new Command("init")
    .argument("[file]", "where to write it; - is stdout", "scenario.yaml")
    .option("--target <url>", `what is to be loaded (default: ${usual.target})`)
    .addOption(
      new Option("--traffic <kind>", `what users do (default: ${usual.traffic})`).choices(
        Object.keys(traffics) as TrafficName[],
      ),
    )
    .addOption(
      new Option(
        "--shape <shape>",
        `how many of them, over time (default: ${usual.shape})`,
      ).choices(Object.keys(shapes) as ShapeName[]),
    )
    .option("--connections <count>", `users at once (default: ${usual.connections})`)
    .option("--duration <time>", `how long the run lasts (default: ${usual.duration})`)
    .option("--rate <n/s>", `messages per second of each user (default: ${usual.rate})`)
    .option(
      "--arrival-rate <n/s>",
      `of arrivals: new users per second (default: ${usual.arrivalRate})`,
    )
    .option(
      "--gate <threshold>",
      "fail the run (exit 99) unless it holds, as in 'ws_msg_rtt: p(99)<200ms'; '' is none (repeatable)",
      collect,
    )
    .option("-y, --yes", "ask nothing: take the default of what is not said")
    .option("--force", "overwrite a file that is there")
    .option("--no-color", "no colours");
}

/** The command; `exit` is told its exit code. */
export function initCommand(host: Host, exit: (code: number) => void) {
  return initOptions()
    .description("write a new scenario, commented, from answers or from flags")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const said = await answersSaid(flags);
      refuseOverwriting(file, flags.force === true);
      const asks = flags.yes !== true && host.stdin.isTTY === true;
      let answers: Answers;
      try {
        refuseUnused(said, said);
        answers = asks ? await asked(host, said) : withUsual(said);
        refuseUnused(said, answers);
        const measured = new FlagChecks();
        for (const gate of said.gates ?? []) {
          await measured.check("gate", () => requireMeasured(answers, gate));
        }
        measured.require();
      } catch (error) {
        if (!(error instanceof WsctlError) || error.code !== "WSCTL_EABORTED") throw error;
        host.stderr.write(`${error.message}\n`);
        exit(ExitCode.interrupted);
        return;
      }
      const text = newScenario(answers, file === "-" ? "scenario.yaml" : file);
      // Everything else would be a bug, told before there is a file.
      await requireFewEnough(file, text);
      if (file === "-") {
        host.stdout.write(text);
      } else {
        writeWhole(file, text);
        host.stderr.write(nextSteps(host, file, answers, flags.color));
      }
      exit(ExitCode.ok);
    });
}

type Flags = ReturnType<ReturnType<typeof initOptions>["opts"]>;

/** What the flags say, each checked. @throws WsctlError WSCTL_EUSAGE naming the flags */
async function answersSaid(flags: Flags): Promise<Partial<Answers>> {
  const gates = flags.gate?.map((gate) => gate.trim()).filter((gate) => gate !== "");
  const { target, traffic, shape, connections, duration, rate, arrivalRate } = flags;
  const written = { target, connections, duration, rate, arrivalRate };
  const checked = new FlagChecks();
  for (const [name, value] of Object.entries(written)) {
    const what = name as keyof typeof checks;
    if (value !== undefined) await checked.check(what, () => checks[what](value));
  }
  for (const gate of gates ?? []) await checked.check("gate", () => checks.gate(gate));
  checked.require();
  const said = { ...written, traffic, shape, gates };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/**
 * Whether the new file passes: so many may arrive in so long a time that no run has a place for them.
 * @throws WsctlError WSCTL_EUSAGE naming the flag
 */
async function requireFewEnough(file: string, text: string): Promise<void> {
  try {
    await requireSound(file, text);
  } catch (error) {
    const mistakes = error instanceof ScenarioMistakes ? error.mistakes : [];
    const tooMany = mistakes.find(({ message }) => /^these are .* users$/.test(message));
    if (!tooMany) throw error;
    const { message, hint } = tooMany;
    throw new WsctlError("WSCTL_EUSAGE", `--arrival-rate: ${message}`, { hint, cause: error });
  }
}

/** What is wrong with the values of flags, so that all of it is told at once. */
class FlagChecks {
  readonly #refused: (readonly [flag: string, error: WsctlError])[] = [];

  /** Tries the value of a flag, and remembers what is wrong with it. */
  async check(name: keyof typeof checks, attempt: () => unknown): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const { code, message, where } = error;
      // A gate is written as a threshold is, under a name of its own.
      const hint = error.hint?.replaceAll("--threshold", "--gate");
      this.#refused.push([flag, new WsctlError(code, message, { hint, where })]);
    }
  }

  /** @throws WsctlError WSCTL_EUSAGE naming each flag that was refused */
  require(): void {
    if (this.#refused.length > 0) throw mistakesOfFlags(this.#refused);
  }
}

/** Refuses a flag that the new file would not speak of. @throws WsctlError WSCTL_EUSAGE naming it */
function refuseUnused(said: Partial<Answers>, { traffic, shape }: Partial<Answers>): void {
  if (said.rate !== undefined && traffic !== undefined && !traffics[traffic].sends) {
    const sending = Object.entries(traffics).filter(([, { sends }]) => sends);
    throw new WsctlError("WSCTL_EUSAGE", `--rate: users of ${traffic} send nothing at a rate`, {
      hint: `leave it out, or choose traffic that sends: ${sending.map(([name]) => name).join(", ")}`,
    });
  }
  if (said.arrivalRate === undefined || shape === undefined || shape === "arrivals") return;
  throw new WsctlError("WSCTL_EUSAGE", `--arrival-rate: with the shape ${shape} nobody arrives`, {
    hint: "leave it out, or add --shape arrivals",
  });
}

/** The prompts take a while to load, which other commands need not wait for. */
async function asked(host: Host, said: Partial<Answers>): Promise<Answers> {
  const { ask } = await import("../starter/wizard.js");
  return ask(host, said);
}

function withUsual(said: Partial<Answers>): Answers {
  const answers = { ...usual, ...said };
  return { ...answers, gates: said.gates ?? traffics[answers.traffic].gates };
}

function refuseOverwriting(file: string, force: boolean): void {
  if (file === "-") return;
  if (!force && existsSync(file)) {
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)} is there already`, {
      hint: "name another file, or overwrite it with --force",
    });
  }
  checkWritable(file);
}

function nextSteps(host: Host, file: string, { traffic }: Answers, color: boolean): string {
  const { chalk } = inkFor(host, host.stderr, color);
  const name = /[^\w./@%+=:-]/.test(file) ? `'${file.replaceAll("'", "'\\''")}'` : file;
  const lines = commands(safeLine(name, 200), traffics[traffic].mode);
  return [
    `${chalk.green("✓")} wrote ${safeLine(file, 200)}`,
    "",
    ...lines.map(([command, what]) => `  ${command}  ${chalk.dim(what)}`),
    "",
  ].join("\n");
}

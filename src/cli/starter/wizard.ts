/** Owns asking a person for what a new scenario is made from. */
import { checkbox, input, select } from "@inquirer/prompts";
import { messageOf, WsctlError } from "../../base/errors.js";
import type { Host } from "../host.js";
import { type Answers, checks, usual } from "./answers.js";
import { type ShapeName, shapes } from "./shapes.js";
import { requireMeasured } from "./soundness.js";
import { type TrafficName, traffics } from "./traffics.js";

/** How inquirer calls a prompt that Ctrl-C ended, or one whose stdin ended. */
const leaving = new Set(["ExitPromptError", "AbortPromptError", "CancelPromptError"]);

/**
 * Asks for everything that is not said already.
 * @throws WsctlError WSCTL_EABORTED when the person leaves
 */
export async function ask(host: Host, said: Partial<Answers>): Promise<Answers> {
  try {
    return await asked(host, said);
  } catch (error) {
    if (!(error instanceof Error) || !leaving.has(error.name)) throw error;
    throw new WsctlError("WSCTL_EABORTED", "nothing was written", { cause: error });
  }
}

async function asked(host: Host, said: Partial<Answers>): Promise<Answers> {
  const context = { input: host.stdin, output: host.stderr as unknown as NodeJS.WritableStream };
  const text = async (
    what: keyof typeof checks & keyof typeof usual,
    message: string,
  ): Promise<string> =>
    said[what] ??
    input({ message, default: usual[what], validate: (value) => verdict(what, value) }, context);
  const target = await text("target", "What is to be loaded?");
  const traffic =
    said.traffic ??
    (await select<TrafficName>(
      { message: "What do users do?", choices: choices(traffics), default: usual.traffic },
      context,
    ));
  const shape =
    said.shape ??
    (await select<ShapeName>(
      { message: "How many of them, over time?", choices: choices(shapes), default: usual.shape },
      context,
    ));
  const arrivalRate =
    shape === "arrivals"
      ? await text("arrivalRate", "New users per second?")
      : (said.arrivalRate ?? usual.arrivalRate);
  const connections = await text(
    "connections",
    shape === "arrivals" ? "At most how many users at once?" : "How many users?",
  );
  const duration = await text("duration", "For how long in all?");
  const rate = traffics[traffic].sends
    ? await text("rate", "Messages per second of each user?")
    : (said.rate ?? usual.rate);
  const answers = { target, traffic, shape, arrivalRate, connections, duration, rate };
  return { ...answers, gates: said.gates ?? (await askGates(answers, context)) };
}

type Context = NonNullable<Parameters<typeof input>[1]>;

async function askGates(answers: Omit<Answers, "gates">, context: Context): Promise<string[]> {
  const { traffic } = answers;
  const gates = await checkbox(
    {
      message: "What must hold? A gate that fails makes the exit code 99",
      choices: traffics[traffic].gates.map((value) => ({ value, name: value, checked: true })),
    },
    context,
  );
  for (;;) {
    const gate = await input(
      {
        message: "Anything else, such as ws_msg_rtt: p(99)<200ms? (empty: no)",
        validate: (value) => (value.trim() === "" ? true : gateVerdict(answers, value.trim())),
      },
      context,
    );
    if (gate.trim() === "") return gates;
    gates.push(gate.trim());
  }
}

function choices<Name extends string>(
  kinds: Readonly<Record<Name, { readonly title: string }>>,
): { value: Name; name: string; short: string }[] {
  return (Object.entries(kinds) as [Name, { title: string }][]).map(([value, { title }]) => ({
    value,
    name: title,
    short: value,
  }));
}

/** True, or what is wrong. */
function verdict(what: keyof typeof checks, value: string): true | string {
  try {
    checks[what](value);
    return true;
  } catch (error) {
    return wordsOf(error);
  }
}

/** The same of a gate, which such a scenario may have no figures for. */
async function gateVerdict(answers: Omit<Answers, "gates">, value: string): Promise<true | string> {
  try {
    checks.gate(value);
    await requireMeasured(answers, value);
    return true;
  } catch (error) {
    return wordsOf(error);
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof WsctlError)) throw error;
  return error.hint === undefined ? messageOf(error) : `${messageOf(error)}: ${error.hint}`;
}

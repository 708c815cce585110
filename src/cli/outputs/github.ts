/** Owns what GitHub Actions is told: annotations of a job, and the summary of a step. */
import { appendFileSync } from "node:fs";
import { messageOf, type WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { ScenarioMistakes } from "../../scenario/mistake.js";
import type { Host } from "../host.js";

/** GitHub shows ten of a kind for each step of a job. */
const most = 10;
const longest = 1000;

/** Whether this is a job of GitHub Actions. */
export function isOnGithub(env: Host["env"]): boolean {
  return env["GITHUB_ACTIONS"] === "true";
}

/** Mistakes in a scenario as GitHub shows them beside its source; empty elsewhere. */
export function mistakeAnnotations(env: Host["env"], error: WsctlError): string {
  if (!isOnGithub(env) || !(error instanceof ScenarioMistakes)) return "";
  return error.mistakes
    .slice(0, most)
    .map(({ place, message, hint }) => {
      const [, file = "", line = "1", column = "1"] = /^(.*):(\d+):(\d+)$/s.exec(place) ?? [];
      const text = hint === undefined ? message : `${message}: ${hint}`;
      const where = file === "" ? "" : `file=${property(file)},line=${line},col=${column},`;
      return `::error ${where}title=wsctl: scenario::${escaped(text)}\n`;
    })
    .join("");
}

/**
 * Adds to the summary of the step, where GitHub names a file for it.
 * @param render asked for markdown only when there is such a file
 * @returns what went wrong, in a sentence; a summary is no reason to fail
 */
export function addStepSummary(env: Host["env"], render: () => string): string | undefined {
  const file = env["GITHUB_STEP_SUMMARY"];
  if (file === undefined || file === "") return undefined;
  try {
    appendFileSync(file, render());
    return undefined;
  } catch (error) {
    return `the summary of the step was not written: ${safeLine(messageOf(error))}`;
  }
}

function escaped(text: string): string {
  return safeLine(text, longest).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text: string): string {
  return escaped(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}

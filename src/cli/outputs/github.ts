/** Owns what GitHub Actions is told: annotations of a job, and the summary of a step. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { messageOf, type WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { annotation, mostAnnotations } from "../../report/github.js";
import { type Mistake, ScenarioMistakes } from "../../scenario/mistake.js";
import type { Host } from "../host.js";

/** Whether this is a job of GitHub Actions. */
export function isOnGithub(env: Host["env"]): boolean {
  return env["GITHUB_ACTIONS"] === "true";
}

/** Mistakes in a scenario as GitHub shows them beside its source; empty elsewhere. */
export function mistakeAnnotations(env: Host["env"], error: WsctlError): string {
  return error instanceof ScenarioMistakes ? annotations(env, "error", error.mistakes) : "";
}

/** The same of remarks, which are warnings. */
export function remarkAnnotations(env: Host["env"], remarks: readonly Mistake[]): string {
  return annotations(env, "warning", remarks);
}

function annotations(
  env: Host["env"],
  kind: "error" | "warning",
  mistakes: readonly Mistake[],
): string {
  if (!isOnGithub(env)) return "";
  return mistakes
    .slice(0, mostAnnotations)
    .map(({ place, message, hint }) => {
      const [, file = "", line = "1", column = "1"] = /^(.*):(\d+):(\d+)$/s.exec(place) ?? [];
      const text = hint === undefined ? message : `${message}: ${hint}`;
      const where = file === "" ? {} : { file, line, col: column };
      return annotation(kind, { ...where, title: "wsctl: scenario" }, text);
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

/**
 * Keeps GitHub from obeying what is written meanwhile: it takes a line of either stream for a
 * command, and what servers say may look like one. Nobody can guess the word that ends it.
 * @param isDocument whether stdout is one that has to stay as it is
 */
export function obeyNothing({ env, stdout, stderr }: Host, isDocument: boolean): () => void {
  if (!isOnGithub(env)) return () => {};
  const token = randomUUID();
  const streams = isDocument ? [stderr] : [stdout, stderr];
  for (const stream of streams) stream.write(`::stop-commands::${token}\n`);
  return () => {
    for (const stream of streams) stream.write(`::${token}::\n`);
  };
}

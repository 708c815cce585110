/** Owns annotations: lines on standard output that GitHub Actions shows beside the scenario's source. */
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import { failureSentence, thresholdWords } from "./threshold-words.js";

/** GitHub shows ten of a kind for each step of a job. */
const most = 10;
const longest = 1000;

/** What failed, one workflow command a line; empty when nothing did. */
export function githubAnnotations(result: RunResult): string {
  const { thresholds, validity, expectations } = result;
  const lines = [
    ...validity.reasons.map(({ code, detail }) =>
      command("error", { title: "wsctl: INVALID" }, `${code}: ${detail}`),
    ),
    ...thresholds
      .filter(({ ok }) => !ok)
      .slice(0, most)
      .map((threshold) => {
        const message = `${thresholdWords(threshold).name}: ${failureSentence(threshold)}`;
        const title = "wsctl: threshold failed";
        return command("error", { ...placeOf(threshold.place), title }, message);
      }),
    ...expectations
      .filter(({ failed }) => failed > 0)
      .slice(0, most)
      .map(({ scenario, step, passed, failed, example }) => {
        const message = `${scenario}: ${step}: ${failed} of ${passed + failed} not met`;
        const title = "wsctl: expectations not met";
        return command("warning", { title }, example ? `${message}: ${example}` : message);
      }),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** `file:line:column`, of which the file may hold colons of its own. */
function placeOf(place: string | undefined): Record<string, string> {
  const [, file, line, col] = /^(.+):(\d+):(\d+)$/.exec(place ?? "") ?? [];
  return file === undefined ? {} : { file, line: line!, col: col! };
}

function command(
  kind: "error" | "warning",
  properties: Readonly<Record<string, string>>,
  message: string,
): string {
  const told = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${kind} ${told.join(",")}::${data(message)}`;
}

function data(text: string): string {
  return safeLine(text, longest).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text: string): string {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}

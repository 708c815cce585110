/** Owns what `--update` hides in what it writes: what the recording hid, and the secrets of now. */
import { WsctlError } from "../../base/errors.js";
import { isSecretName } from "../../base/secret-name.js";
import { safeLine } from "../../base/safe-text.js";
import { Redactor } from "../../recording/redactor.js";
import type { ReplayPlace, Surveyed } from "./replay-target.js";

/** Names in a header are cut at so many characters: what is as long may have been longer. */
const longestName = 100;

/** Whether the name of what was hidden is the whole of a pattern. */
function isWhole(name: string): boolean {
  if (name.length >= longestName || name.includes("…")) return false;
  try {
    return new Redactor({ patterns: [name] }).names.includes(name);
  } catch {
    return false;
  }
}

/** Hides in a report the secrets that were given for this replay, and those of the address. */
export function reportRedactor(
  { survey }: Surveyed,
  place: ReplayPlace,
  index: number,
  variables: ReadonlyMap<string, string>,
): Redactor {
  const redactor = new Redactor();
  learnRun(redactor, place, index);
  const fields = new Set(["redacted", ...survey.redactedFields]);
  for (const [name, value] of variables) {
    if (fields.has(name) || isSecretName(name)) redactor.learn(value);
  }
  return redactor;
}

function learnRun(redactor: Redactor, { flags, spec, targets }: ReplayPlace, index: number): void {
  const { secretHeaders } = flags;
  redactor.url(targets[index]!.url);
  redactor.upgrade({ request: spec.headers, response: [] });
  for (const [name, value] of spec.headers) {
    if (secretHeaders?.has(name.toLowerCase()) === true) redactor.learn(value);
  }
}

/**
 * Hides what the recording hid, the secrets that were given for this, and those of the address.
 * @throws WsctlError WSCTL_EUSAGE where the recording does not say what it hid, and nobody else does
 */
export function redactorFor(
  { file, survey }: Surveyed,
  place: ReplayPlace,
  index: number,
  variables: ReadonlyMap<string, string>,
): Redactor {
  const { redact: given = [] } = place.flags;
  const patterns = survey.header.redacted.filter((name) => /^[$/]/.test(name));
  const lost = patterns.find((name) => !isWhole(name));
  if (lost !== undefined && given.length === 0) {
    const name = safeLine(file, 100);
    throw new WsctlError(
      "WSCTL_EUSAGE",
      `${name} does not say what it hides: ${safeLine(lost, 60)}`,
      {
        hint: "give the pattern again, so that --update hides it too: --redact '/PATTERN/'",
      },
    );
  }
  const redactor = new Redactor({ patterns: [...patterns.filter(isWhole), ...given] });
  learnRun(redactor, place, index);
  for (const value of variables.values()) redactor.learn(value);
  return redactor;
}

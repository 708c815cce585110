/** Owns the check that a file which was made is one that can be loaded. */
import { readScenario } from "../../scenario/read.js";

/** What stands for a secret while the file is checked. */
const standIn = "x";

/** @throws ScenarioMistakes (WSCTL_EUSAGE) for a file that `wsctl load` would refuse */
export async function requireSound(
  text: string,
  { checkTarget }: { readonly checkTarget: (url: string) => unknown },
): Promise<void> {
  const env = new Map<string, string>();
  for (const [, name = ""] of text.matchAll(/\$env\.(\w+)/g)) env.set(name, standIn);
  const variables = new Map<string, string>();
  for (const [, name = ""] of text.matchAll(/\bWSCTL_VAR_([\w-]+)/g)) variables.set(name, standIn);
  await readScenario("scenario.yaml", text, {
    access: { folder: "/", allowPaths: false },
    env,
    overrides: { variables },
    checkTarget,
  });
}

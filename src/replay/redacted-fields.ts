/** Owns what was redacted in messages that are to be sent: its names, and giving it back. */
import { redacted } from "../base/secret-name.js";
import { isName } from "../message/name.js";
import type { MessageView } from "../message/view.js";
import { isStructured } from "./learned.js";
import { rewriteJson } from "./rewrite-json.js";

/** The variable for what was redacted where no member has a name. */
const unnamed = "redacted";

/** The variable for a field of that name. */
function nameOf(key: string): string {
  return isName(key) && !key.includes(".") ? key : unnamed;
}

/** The names of the variables that a message wants: of the members whose values were redacted. */
export function redactedFields(view: MessageView): string[] {
  if (view.text?.includes(redacted) !== true) return [];
  if (!isStructured(view)) return [unnamed];
  const names = new Set<string>();
  rewriteJson(view.bytes, {
    text: (text, key) => {
      if (text.includes(redacted)) names.add(nameOf(key));
      return undefined;
    },
    number: () => undefined,
  });
  return [...names];
}

/** The message with the variables' values in the places of what was redacted. */
export function withVariables(
  view: MessageView,
  variables: ReadonlyMap<string, string>,
  onUse: (name: string) => void,
): Buffer | undefined {
  if (variables.size === 0 || view.text?.includes(redacted) !== true) return undefined;
  if (!isStructured(view)) {
    const value = variables.get(unnamed);
    if (value === undefined) return undefined;
    onUse(unnamed);
    return Buffer.from(view.text.replaceAll(redacted, () => value));
  }
  return rewriteJson(view.bytes, {
    text: (text, key) => {
      const name = variables.has(nameOf(key)) ? nameOf(key) : unnamed;
      const value = variables.get(name);
      if (value === undefined || !text.includes(redacted)) return undefined;
      onUse(name);
      return text.replaceAll(redacted, () => value);
    },
    number: () => undefined,
  });
}

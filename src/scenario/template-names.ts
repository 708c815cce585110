/** Owns which variables templates speak of. */
import { WsctlError } from "../base/errors.js";
import { parseTemplate, type Expression } from "../message/template-syntax.js";

/** The variables that a template names; none when it cannot be read. */
export function namesIn(source: string): string[] {
  try {
    return parseTemplate(source).flatMap((piece) =>
      typeof piece === "string" ? [] : namesOf(piece),
    );
  } catch (error) {
    if (error instanceof WsctlError) return [];
    throw error;
  }
}

function namesOf(expression: Expression): string[] {
  if (expression.kind === "name") return [expression.name];
  return expression.kind === "call" ? expression.args.flatMap(namesOf) : [];
}

/**
 * Owns writing the environment into templates: a plan is played on machines whose environment is
 * another one, so that `{{ $env.NAME }}` becomes a hole with the value itself, `{{ "…" }}`.
 */
import type { JsonValue } from "../../message/json.js";
import { isJsonArray, isJsonObject } from "../../message/json.js";
import { parseTemplate, type Expression } from "../../message/template-syntax.js";

type Env = ReadonlyMap<string, string>;

/** The template with the values of the environment. @throws WsctlError WSCTL_EUSAGE */
export function withEnv(source: string, env: Env): string {
  if (!source.includes("$env")) return source;
  return parseTemplate(source)
    .map((piece) => (typeof piece === "string" ? literal(piece) : holeOf(piece, env)))
    .join("");
}

/** The same for every text of a JSON value. */
export function withEnvWithin(value: JsonValue, env: Env): JsonValue {
  if (typeof value === "string") return withEnv(value, env);
  if (isJsonArray(value)) return value.map((item) => withEnvWithin(item, env));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withEnvWithin(item, env)]),
  );
}

/** Text that a template holds as it is; what would be read as a hole is put into one. */
function literal(text: string): string {
  return text.includes("{{") || text.endsWith("\\") ? `{{ ${quoted(text)} }}` : text;
}

function holeOf(expression: Expression, env: Env): string {
  if (expression.kind === "call" && expression.name === "$env") {
    const value = env.get(expression.property ?? "");
    // A name that the environment lacks was told when the scenario was checked.
    if (value !== undefined) return `{{ ${quoted(value)} }}`;
  }
  return `{{ ${written(expression)} }}`;
}

function written(expression: Expression): string {
  if (expression.kind === "name") return expression.name;
  if (expression.kind === "literal") {
    const { value } = expression;
    return typeof value === "number" ? String(value) : quoted(value);
  }
  const { name, property, args } = expression;
  return `${name}${property === undefined ? "" : `.${property}`}${args.length > 0 ? `(${args.map(written).join(", ")})` : ""}`;
}

/** In quotes, so that the template's grammar gives the same text again. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

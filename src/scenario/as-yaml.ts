/**
 * Owns writing a scenario down as YAML, so that a line of flags grows into a file. Secrets are not
 * written: what looks like one becomes `{{ $env.NAME }}`, and a comment says what to set.
 */
import { Document } from "yaml";
import type { JsonValue } from "../message/json.js";
import { isSecretName, redacted, redactUrl } from "./redact.js";
import type { Scenario } from "./scenario.js";

type Config = NonNullable<Scenario["config"]>;

/** The scenario as a file, the last line ended. */
export function scenarioAsYaml(scenario: Scenario): string {
  const names = new Set<string>();
  const { config, ...rest } = scenario;
  const shown = config ? { config: withoutSecrets(config, names), ...rest } : rest;
  const document = new Document(shown, { aliasDuplicateObjects: false });
  if (names.size > 0) {
    document.commentBefore = ` Secrets are not written here. Set in the environment: ${[...names].join(", ")}`;
  }
  return document.toString({ lineWidth: 100 });
}

function withoutSecrets(config: Config, names: Set<string>): Config {
  const hidden = (name: string, value: string): string => {
    // What is made of templates is told by their names only.
    if (!isSecretName(name) || value.includes("{{")) return value;
    const variable = variableOf(name);
    names.add(variable);
    return `{{ $env.${variable} }}`;
  };
  const { connection, target, variables } = config;
  return {
    ...config,
    ...(target === undefined ? {} : { target: onEach(target, redactUrl) }),
    ...(connection === undefined ? {} : { connection: connectionWithout(connection, hidden) }),
    ...(variables === undefined ? {} : { variables: variablesWithout(variables, hidden) }),
  };
}

function connectionWithout(
  connection: NonNullable<Config["connection"]>,
  hidden: (name: string, value: string) => string,
): NonNullable<Config["connection"]> {
  const { headers, cookies, tls } = connection;
  const lines = Array.isArray(headers)
    ? headers.map((line) => {
        const name = line.slice(0, line.indexOf(":"));
        return `${name}: ${hidden(name, line.slice(name.length + 1).trim())}`;
      })
    : headers &&
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          onEach(value, (each) => hidden(name, each)),
        ]),
      );
  return {
    ...connection,
    ...(lines === undefined ? {} : { headers: lines }),
    ...(cookies === undefined
      ? {}
      : {
          cookies: Object.fromEntries(
            Object.entries(cookies).map(([name, value]) => [name, hidden(`cookie-${name}`, value)]),
          ),
        }),
    ...(tls?.passphrase === undefined
      ? {}
      : { tls: { ...tls, passphrase: hidden("tls-passphrase", tls.passphrase) } }),
  };
}

/** A secret among the variables is left to the command line, which takes it from the environment. */
function variablesWithout(
  variables: Readonly<Record<string, JsonValue>>,
  hidden: (name: string, value: string) => string,
): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      // Variables are no templates: the environment gives them under names of their own.
      isSecretName(name) ? hidden(`WSCTL_VAR_${name}`, "") && redacted : value,
    ]),
  );
}

function onEach(value: string | string[], change: (text: string) => string): string | string[] {
  return typeof value === "string" ? change(value) : value.map(change);
}

/** The name of an environment's variable for what goes by that name elsewhere. */
function variableOf(name: string): string {
  if (name.startsWith("WSCTL_VAR_")) return name;
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}

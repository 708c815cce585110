/**
 * Owns writing a scenario down as YAML, so that a line of flags grows into a file. Secrets are not
 * written: what looks like one becomes `{{ $env.NAME }}`, and a comment says what to set.
 */
import { Document } from "yaml";
import type { JsonValue } from "../message/json.js";
import { variableInEnv } from "./given-variables.js";
import { isSecretName, isSecretParameter, redacted } from "../base/secret-name.js";
import { redactSubprotocols } from "../base/secret-subprotocols.js";
import type { Scenario } from "./scenario.js";
import { secretsIn } from "./secrets.js";
import { SecretsAsEnv } from "./secrets-as-env.js";

type Config = NonNullable<Scenario["config"]>;

/** The scenario as a file, the last line ended. */
export function scenarioAsYaml(scenario: Scenario): string {
  const secrets = new SecretsAsEnv();
  const { config, ...rest } = scenario;
  const lines: string[] = [];
  const shown = {
    ...(config ? { config: configWithout(config, secrets, lines) } : {}),
    ...Object.fromEntries(
      Object.entries(rest).map(([key, part]) => [key, secrets.steps(part, key)]),
    ),
  };
  const document = new Document(shown, { aliasDuplicateObjects: false });
  if (secrets.names.length > 0) {
    lines.unshift(
      ` Secrets are not written here. Set in the environment: ${secrets.names.join(", ")}`,
    );
  }
  if (secrets.byHand.length > 0) {
    lines.push(` Secrets that are to be put in by hand: ${secrets.byHand.join(", ")}`);
  }
  if (lines.length > 0) document.commentBefore = lines.join("\n");
  return document.toString({ lineWidth: 100 });
}

/** @param lines told what is to be said of it on top of the file */
function configWithout(config: Config, secrets: SecretsAsEnv, lines: string[]): Config {
  const { connection, heartbeat, onReconnect, target, variables, ...rest } = config;
  const targets = [target ?? []].flat();
  const aimed = targets.map((url) => targetWithout(url, secrets));
  const isAimed = aimed.every((url, index) => url === targets[index]);
  if (!isAimed) {
    // A target holds no templates; the shell fills it in.
    const words = aimed.map((url) => `"${url}"`).join(" ");
    lines.push(` Its target is left to the command line: wsctl load FILE ${words}`);
  }
  return {
    ...(target !== undefined && isAimed ? { target } : {}),
    ...(connection === undefined ? {} : { connection: connectionWithout(connection, secrets) }),
    ...(variables === undefined ? {} : { variables: variablesWithout(variables, secrets) }),
    ...rest,
    ...(heartbeat === undefined
      ? {}
      : { heartbeat: secrets.steps(heartbeat, "config.heartbeat") as typeof heartbeat }),
    ...(onReconnect === undefined
      ? {}
      : { onReconnect: secrets.steps(onReconnect, "config.onReconnect") as typeof onReconnect }),
  };
}

/** The address with `$NAME` for each secret, for a shell's double quotes; itself, if it has none. */
function targetWithout(url: string, secrets: SecretsAsEnv): string {
  const [, lead = "", user, at = "", rest = url] =
    /^([^/?#]*\/\/|)(?:([^/?#@]*)(@))?(.*)$/s.exec(url) ?? [];
  let isSecret = false;
  const named = (called: string, secret: string): string => {
    isSecret = true;
    return `\${${secrets.nameFor(called, secret)}}`;
  };
  let shown = shellWord(lead);
  if (user !== undefined) {
    const [, name = "", password] = /^([^:]*)(?::(.*))?$/s.exec(user) ?? [];
    // A name that stands alone is as likely a token.
    if (password) shown += `${shellWord(name)}:${named("target-password", password)}`;
    else shown += name === "" ? "" : named("target-user", name);
    shown += at;
  }
  let from = 0;
  for (const { index, 0: whole, 1: name = "", 2: value = "" } of rest.matchAll(
    /(?<=[?&])([^\s=&#]{1,200})=([^\s&#]+)/g,
  )) {
    if (!isSecretParameter(decoded(name))) continue;
    shown += shellWord(rest.slice(from, index + name.length + 1)) + named(decoded(name), value);
    from = index + whole.length;
  }
  return isSecret ? shown + shellWord(rest.slice(from)) : url;
}

/** As it stands within double quotes of a shell. */
function shellWord(text: string): string {
  return text.replace(/["$`\\]/g, "\\$&");
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function connectionWithout(
  connection: NonNullable<Config["connection"]>,
  secrets: SecretsAsEnv,
): NonNullable<Config["connection"]> {
  const { headers, cookies, subprotocols, tls } = connection;
  const header = (name: string, value: string): string =>
    isSecretName(name) ? secrets.whole(name, value) : secrets.text([], value);
  const lines = Array.isArray(headers)
    ? headers.map((line) => {
        const name = line.slice(0, line.indexOf(":"));
        return `${name}: ${header(name, line.slice(name.length + 1).trim())}`;
      })
    : headers &&
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          onEach(value, (each) => header(name, each)),
        ]),
      );
  return {
    ...connection,
    ...(lines === undefined ? {} : { headers: lines }),
    ...(cookies === undefined
      ? {}
      : {
          cookies: Object.fromEntries(
            Object.entries(cookies).map(([name, value]) => [
              name,
              secrets.whole(`cookie-${name}`, value),
            ]),
          ),
        }),
    ...(subprotocols === undefined
      ? {}
      : {
          subprotocols: onEach(subprotocols, subprotocolsWithout([subprotocols].flat(), secrets)),
        }),
    ...(tls?.passphrase === undefined
      ? {}
      : { tls: { ...tls, passphrase: secrets.whole("tls-passphrase", tls.passphrase) } }),
  };
}

/** What becomes of each of the names that are offered together. */
function subprotocolsWithout(
  offered: readonly string[],
  secrets: SecretsAsEnv,
): (name: string) => string {
  const shown = redactSubprotocols(offered);
  const hidden = new Set(offered.filter((_, index) => shown[index] === redacted));
  return (name) =>
    hidden.has(name) && !name.includes("{{")
      ? `{{ $env.${secrets.nameFor("subprotocol", name)} }}`
      : name;
}

/**
 * Variables are no templates: the environment gives a secret text under a name of its own, and what is
 * not there is asked for. Of what is no text, the rest is shown.
 */
function variablesWithout(
  variables: Readonly<Record<string, JsonValue>>,
  secrets: SecretsAsEnv,
): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => {
      if (typeof value !== "object" || value === null) {
        if (!isSecretValue(name, value)) return [[name, value]];
        secrets.require(variableInEnv(name), String(value));
        return [];
      }
      const shown = masked(name, value);
      if (JSON.stringify(shown) !== JSON.stringify(value)) {
        secrets.leaveToHand(`config.variables.${name}`);
      }
      return [[name, shown]];
    }),
  );
}

function masked(name: string, value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => masked(name, item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        masked(isSecretName(name) ? name : key, item),
      ]),
    );
  }
  return isSecretValue(name, value) ? redacted : value;
}

function isSecretValue(name: string, value: JsonValue): boolean {
  if (typeof value === "boolean" || value === null || value === "") return false;
  return isSecretName(name) || (typeof value === "string" && secretsIn([], value).length > 0);
}

function onEach(value: string | string[], change: (text: string) => string): string | string[] {
  return typeof value === "string" ? change(value) : value.map(change);
}

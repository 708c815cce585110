/** Owns holding every template of a scenario against the names that have a value where it stands. */
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import type { YamlPath } from "../../base/yaml-source.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../../message/json.js";
import { compileTemplate } from "../../message/template.js";
import type { Names } from "../../message/value.js";
import { holesIn } from "../holes.js";
import { labelOf, problemOf, type Problem } from "../mistake.js";
import { namesIn } from "../template-names.js";
import { allSteps, listed, stepsOf, type PlacedStep } from "../users.js";
import type { Flow } from "../schema/step.js";
import { boundName } from "./causes.js";
import type { Checking } from "./checking.js";
import { LayeredNames } from "./layered-names.js";

/** Checks all templates. */
export function checkNames(checking: Checking): void {
  new NameCheck(checking).run();
}

/** The names that steps of these flows give values to. */
function boundNames(steps: readonly PlacedStep[]): Set<string> {
  const names = new Set<string>();
  for (const { map } of steps) {
    for (const key of Object.keys(map.set ?? {})) names.add(key);
    for (const value of [map.capture, map.wait?.capture]) {
      if (value === undefined) continue;
      for (const { item } of listed(value, [])) names.add(item.as);
    }
  }
  return names;
}

class NameCheck {
  readonly #checking: Checking;
  /** Names that are bound only by later steps. */
  #later: ReadonlySet<string> = new Set();

  constructor(checking: Checking) {
    this.#checking = checking;
  }

  run(): void {
    const { scenario, users } = this.#checking;
    const { config } = scenario;
    const fixed = this.#fixedNames();
    const anywhere = new LayeredNames(fixed);
    for (const user of users) {
      const steps = allSteps(user.flow, user.flowPath);
      this.#later = boundNames(steps);
      const names = new LayeredNames(fixed);
      const { variables = {} } = config ?? {};
      // A variable that some step sets anew has no fixed value.
      for (const name of this.#later) {
        if (Object.hasOwn(variables, name)) names.set(name, { per: "message" });
      }
      this.#flow(user.flow, user.flowPath, names);
      for (const name of this.#later) anywhere.set(name, { per: "message" });
    }
    this.#later = new Set();
    this.#connection(fixed);
    // What is played beside the flows knows whatever any of them may have set.
    if (config?.onReconnect) this.#flow(config.onReconnect, ["config", "onReconnect"], anywhere);
    for (const [index, { send }] of (config?.heartbeat?.autoReply ?? []).entries()) {
      this.#message(send, ["config", "heartbeat", "autoReply", index, "send"], anywhere);
    }
  }

  /** Variables and columns. */
  #fixedNames(): LayeredNames {
    const { scenario, feeders } = this.#checking;
    const names = new LayeredNames();
    for (const [name, value] of Object.entries(scenario.config?.variables ?? {})) {
      names.set(name, { value });
    }
    for (const name of Object.keys(scenario.config?.data ?? {})) {
      const facts = feeders.get(name);
      // Of a file that could not be read any column might be there.
      if (!facts) names.set(name, { per: "connection" });
      for (const column of facts?.columns ?? []) {
        names.set(`${name}.${column}`, { per: "connection" });
      }
    }
    return names;
  }

  #connection(names: LayeredNames): void {
    const { headers, subprotocols, cookies } = this.#checking.scenario.config?.connection ?? {};
    const path: YamlPath = ["config", "connection"];
    if (Array.isArray(headers)) {
      for (const { item, path: at } of listed<string>(headers, [...path, "headers"])) {
        this.#text(item, at, names);
      }
    } else {
      for (const [name, value] of Object.entries(headers ?? {})) {
        for (const { item, path: at } of listed<string>(value, [...path, "headers", name])) {
          this.#text(item, at, names);
        }
      }
    }
    for (const [name, value] of Object.entries(cookies ?? {})) {
      this.#text(value, [...path, "cookies", name], names);
    }
    for (const { item, path: at } of listed<string>(subprotocols ?? [], [
      ...path,
      "subprotocols",
    ])) {
      this.#text(item, at, names);
    }
    const passphrase = this.#checking.scenario.config?.connection?.tls?.passphrase;
    if (passphrase !== undefined)
      this.#text(passphrase, [...path, "tls", "passphrase"], new LayeredNames());
  }

  /** Steps in order: each may use what the ones before it bound; `names` grows. */
  #flow(flow: Flow, flowPath: YamlPath, names: LayeredNames): void {
    for (const step of stepsOf(flow, flowPath)) {
      this.#step(step, names);
      for (const name of boundNames([step])) names.set(name, { per: "message" });
    }
  }

  #step({ map, path }: PlacedStep, names: LayeredNames): void {
    const { send, every, loop, choose, set, log } = map;
    if (send !== undefined) this.#message(send, [...path, "send"], names);
    for (const [key, lasting] of [["every", every] as const, ["loop", loop] as const]) {
      if (lasting?.send === undefined) continue;
      for (const { item, path: at } of listed(lasting.send, [...path, key, "send"])) {
        this.#message(item, at, names);
      }
    }
    if (loop) {
      const body = loop.flow ? allSteps(loop.flow, []) : [];
      // In the second round there is what the first one bound.
      const within = new LayeredNames(names);
      for (const name of boundNames(body)) within.set(name, { per: "message" });
      const asked = loop.while?.var;
      if (asked !== undefined && !within.has(asked)) {
        const guess = nearest(asked, within.keys());
        this.#checking.tell({
          path: [...path, "loop", "while", "var"],
          message: `unknown name ${asked}`,
          mayFollow: boundName(asked),
          hint: guess
            ? `did you mean ${guess}?`
            : "give it a value with set, or in config.variables",
        });
      }
      if (loop.flow) this.#flow(loop.flow, [...path, "loop", "flow"], within);
      for (const [name, binding] of within.own()) names.set(name, binding);
    }
    for (const [index, { flow }] of (choose ?? []).entries()) {
      const within = new LayeredNames(names);
      this.#flow(flow, [...path, "choose", index, "flow"], within);
    }
    for (const { flow } of choose ?? []) {
      for (const name of boundNames(allSteps(flow, []))) names.set(name, { per: "message" });
    }
    for (const [name, value] of Object.entries(set ?? {})) {
      this.#json(value, [...path, "set", name], names);
    }
    if (log !== undefined) this.#text(log, [...path, "log"], names);
  }

  #message(
    message: NonNullable<PlacedStep["map"]["send"]>,
    path: YamlPath,
    names: LayeredNames,
  ): void {
    if (typeof message === "string") return this.#text(message, path, names);
    if (message.text !== undefined) this.#text(message.text, [...path, "text"], names);
    if (message.json !== undefined) this.#json(message.json, [...path, "json"], names);
  }

  /** Every text in a JSON value is a template. */
  #json(value: JsonValue, path: YamlPath, names: LayeredNames): void {
    if (typeof value === "string") return this.#text(value, path, names);
    if (isJsonArray(value)) {
      for (const [index, item] of value.entries()) this.#json(item, [...path, index], names);
    } else if (isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) this.#json(item, [...path, key], names);
    }
  }

  #text(source: string, path: YamlPath, names: LayeredNames): void {
    if (!source.includes("{{")) return;
    const whole = this.#fault(source, path, names);
    if (!whole) return;
    let isTold = false;
    for (const { text, number } of holesIn(source)) {
      const fault = this.#fault(text, path, names);
      if (!fault) continue;
      isTold = true;
      this.#checking.tell({ ...fault, hole: number });
    }
    // What is wrong with no hole in itself is wrong with the text: there are too many.
    if (!isTold) this.#checking.tell(whole);
  }

  /** What is wrong with a template, if anything. */
  #fault(source: string, path: YamlPath, names: LayeredNames): Problem | undefined {
    try {
      compileTemplate(source, { names, env: this.#checking.env });
      return undefined;
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      const missing = namesIn(source).filter((name) => !isBound(name, names));
      const late = missing.find((name) => this.#later.has(name.split(".", 1)[0]!));
      if (late === undefined) {
        const problem = problemOf(path, error, `${labelOf(path)}: `);
        const causes = missing.map(boundName);
        return causes.length === 0
          ? problem
          : { ...problem, mayFollow: (cut) => causes.some((isCause) => isCause(cut)) };
      }
      return {
        path,
        message: `${labelOf(path)}: ${late} is captured only in a later step`,
        hint: "steps are played in order; capture it before it is used, or give it a value in config.variables",
        mayFollow: boundName(late),
      };
    }
  }
}

/** Whether the name, or what it is a member of, has a value. */
function isBound(name: string, names: Names): boolean {
  const parts = name.split(".");
  return parts.some((_, last) => names.has(parts.slice(0, last + 1).join(".")));
}

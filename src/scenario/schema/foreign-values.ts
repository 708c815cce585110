/**
 * Owns what is said of a value of the wrong kind where it is plain what was meant: a step without
 * what it needs, a map in place of a list.
 */
import { safeLine } from "../../base/safe-text.js";
import type { YamlPath } from "../../base/yaml-source.js";
import type { StepKey } from "./step-keys.js";

/** How each step is written, for those who gave its name alone. */
const steps: Readonly<Record<StepKey, string>> = {
  send: "it needs a message: - send: hello",
  wait: "it needs to know what for: - wait: { json: $.op, equals: done, within: 5s }",
  every: "it needs a rate, a time and a message: - every: { rate: 2/s, for: 1m, send: hello }",
  listen: "it needs a time: - listen: 5m",
  think: "it needs a time: - think: 1s",
  ping: "it needs a time within which the pong must come: - ping: 5s",
  close: "it needs a code: - close: 1000",
  reconnect: "write it like - reconnect: {}",
  loop: "it needs steps: - loop: { count: 10, flow: [ … ] }",
  barrier: "it needs a name and a time: - barrier: { name: all, timeout: 30s }",
  choose: "it needs flows: - choose: [{ weight: 3, flow: [ … ] }, { flow: [ … ] }]",
  set: "it needs variables: - set: { room: lobby }",
  log: "it needs a text: - log: hello",
  capture: "it needs a place and a name: - capture: { json: $.token, as: token }",
  expect: "it needs to know what: - expect: { json: $.ok, equals: true, within: 2s }",
};

/** What to write in place of a value that its key does not take; undefined when that is not plain. */
export function foreignValue(path: YamlPath, value: unknown): string | undefined {
  const key = path.at(-1);
  if (key === undefined) {
    return Array.isArray(value)
      ? "steps go below flow:, beside config: { target: ws://127.0.0.1:8080/, load: { connections: 100, duration: 1m } }"
      : undefined;
  }
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  if (typeof key === "number") {
    const list = path.at(-2);
    const isStep = list === "flow" || list === "onReconnect";
    if (!isStep || typeof value !== "string" || !Object.hasOwn(steps, value)) return undefined;
    return steps[value as StepKey];
  }
  switch (key) {
    case "scenarios":
      return isMap
        ? "it is a list with names: scenarios: [{ name: chat, flow: [ … ] }]; how many users there are is config.load"
        : undefined;
    case "barrier":
      return typeof value === "string"
        ? `write it like barrier: { name: ${safeLine(value, 40)}, timeout: 30s }`
        : undefined;
    case "choose":
      return "write it like choose: [{ weight: 3, flow: [ … ] }, { flow: [ … ] }]";
    case "every":
      return isMap && !Object.hasOwn(value, "send")
        ? "say what is sent: send: hello, or send: { json: { op: hello } }"
        : undefined;
    case "wait":
      return typeof value === "string" || typeof value === "number"
        ? "wait is for a message; to do nothing for a while is think: 1s"
        : undefined;
    default:
      return undefined;
  }
}

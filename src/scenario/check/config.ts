/** Owns checking what the parts of a document say of each other: names, targets, correlation. */
import { safeLine } from "../../base/safe-text.js";
import type { YamlPath } from "../../base/yaml-source.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../../message/json.js";
import { problemOf } from "../mistake.js";
import { expectsReply, sentIn } from "../reply.js";
import { listed } from "../users.js";
import { heldStamp, isOfFlow } from "./causes.js";
import type { Checking } from "./checking.js";
import { checkFanout } from "./fanout.js";

/** Checks names, targets and correlation. */
export function checkConfig(checking: Checking): void {
  checkTargets(checking);
  checkUsers(checking);
  checkFanout(checking);
  for (const [name, value] of Object.entries(checking.scenario.config?.variables ?? {})) {
    checkVariable(checking, name, value, ["config", "variables", name]);
  }
  checkCorrelation(checking);
  const { scenario, tell } = checking;
  const compression = scenario.config?.connection?.compression;
  if (compression !== undefined && compression !== false) {
    tell({
      path: ["config", "connection", "compression"],
      message: "load runs go without compression",
      hint: "leave it out, or say compression: false",
    });
  }
}

function checkTargets({ scenario, checkTarget, tell }: Checking): void {
  const target = scenario.config?.target;
  if (target === undefined) return;
  for (const { item, path } of listed(target, ["config", "target"])) {
    if (item.includes("{{")) {
      tell({
        path,
        message: "a target holds no templates",
        hint: "put what differs between connections into a header, or give several targets",
      });
      continue;
    }
    try {
      checkTarget?.(item);
    } catch (error) {
      tell(problemOf(path, error));
    }
  }
}

/** What looks like a template would go out as it stands. */
function checkVariable(
  { tell }: Pick<Checking, "tell">,
  name: string,
  value: JsonValue,
  path: YamlPath,
): void {
  if (typeof value === "string") {
    if (!value.includes("{{")) return;
    tell({
      path,
      message: `the variable ${safeLine(name, 60)} holds {{, and variables are no templates: it would go out as it stands`,
      hint: "write the hole into the message, or give the variable its value with a step set; two braces are written \\{{ in the message",
    });
  } else if (isJsonArray(value)) {
    for (const [index, item] of value.entries())
      checkVariable({ tell }, name, item, [...path, index]);
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkVariable({ tell }, name, item, [...path, key]);
    }
  }
}

function checkUsers({ users, tell }: Checking): void {
  const seen = new Set<string>();
  for (const { name, path } of users) {
    if (seen.has(name)) {
      tell({
        path: [...path, "name"],
        message: `the scenario ${name} is there twice`,
        hint: "reports tell scenarios apart by their names",
      });
    }
    seen.add(name);
  }
  if (!users.some(({ weight }) => weight > 0)) {
    tell({
      path: ["scenarios"],
      at: "key",
      message: "no scenario has a weight above 0",
      hint: "give one of them weight: 1",
    });
  }
}

/** A correlation that no message of the document takes part in is a mistake. */
function checkCorrelation({ scenario, isStamped: stamped, tell }: Checking): void {
  const correlate = scenario.config?.correlate;
  if (!correlate || (correlate.by !== "id" && correlate.by !== "stamp")) return;
  const isUsed =
    correlate.by === "stamp"
      ? stamped
      : sentIn(scenario).some((message) => expectsReply(message, correlate));
  if (isUsed) return;
  tell({
    path: ["config", "correlate", correlate.by === "id" ? "request" : "by"],
    mayFollow: correlate.by === "id" ? isOfFlow : heldStamp,
    message:
      correlate.by === "id"
        ? `no message has anything at ${correlate.request ?? "$.id"}`
        : "no message holds a stamp",
    hint:
      correlate.by === "id"
        ? 'send JSON with an id, such as { id: "{{ $uuid }}" }, or correlate in another way'
        : "put {{ $stamp }} into the messages, or correlate in another way",
  });
}

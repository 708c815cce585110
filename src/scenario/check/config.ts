/** Owns checking what the parts of a document say of each other: names, targets, correlation. */
import { nearest } from "../../base/nearest.js";
import { problemOf } from "../mistake.js";
import { expectsReply, isStamped, sentIn } from "../reply.js";
import { listed, usersOf } from "../users.js";
import type { Checking } from "./checking.js";

/** Checks names, targets and correlation. */
export function checkConfig(checking: Checking): void {
  checkTargets(checking);
  checkUsers(checking);
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

function checkUsers({ scenario, tell }: Checking): void {
  const users = usersOf(scenario);
  const names = users.map(({ name }) => name);
  for (const [index, { name, path, audience }] of users.entries()) {
    if (names.indexOf(name) < index) {
      tell({
        path: [...path, "name"],
        message: `the scenario ${name} is there twice`,
        hint: "reports tell scenarios apart by their names",
      });
    }
    const heard = audience?.startsWith("scenario:")
      ? audience.slice("scenario:".length)
      : undefined;
    if (heard !== undefined && !names.includes(heard)) {
      const guess = nearest(heard, names);
      tell({
        path: [...path, "fanout", "audience"],
        message: `there is no scenario "${heard}"`,
        isDerived: true,
        hint: guess ? `did you mean scenario:${guess}?` : `there are ${names.join(", ")}`,
      });
    }
    if (audience !== undefined && !isStamped(scenario)) {
      tell({
        path: [...path, "fanout"],
        at: "key",
        message: "fanout is seen by stamps only",
        isDerived: true,
        hint: "put {{ $stamp }} into the messages",
      });
    }
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
function checkCorrelation({ scenario, tell }: Checking): void {
  const correlate = scenario.config?.correlate;
  if (!correlate || (correlate.by !== "id" && correlate.by !== "stamp")) return;
  const isUsed =
    correlate.by === "stamp"
      ? isStamped(scenario)
      : sentIn(scenario).some((message) => expectsReply(message, correlate));
  if (isUsed) return;
  tell({
    path: ["config", "correlate", correlate.by === "id" ? "request" : "by"],
    isDerived: true,
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

/** Owns whether a message expects a reply, by the rule of correlation. */
import { WsctlError } from "../base/errors.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import { compileJsonPath } from "../message/json-path.js";
import { parseTemplate } from "../message/template-syntax.js";
import type { Scenario } from "./scenario.js";
import type { Flow, StepMap } from "./schema/step.js";
import { allSteps, listed, type User, usersOf } from "./users.js";

type Message = NonNullable<StepMap["send"]>;
type Correlation = NonNullable<Scenario["config"]>["correlate"];

/** Whether a reply is due. */
export function expectsReply(message: Message, correlate: Correlation): boolean {
  if (typeof message !== "string" && message.reply === false) return false;
  switch (correlate?.by ?? "none") {
    case "none":
      return false;
    case "order":
      return true;
    case "stamp":
      return usesStamp(message);
    case "id":
      return hasId(message, correlate?.request ?? "$.id");
    default:
      return false;
  }
}

/** Why no reply is due, as the end of a sentence, and what to do about it. */
export function describeReply(
  message: Message,
  correlate: Correlation,
): { readonly reason: string; readonly hint: string } {
  if (typeof message !== "string" && message.reply === false) {
    return { reason: "reply: false says that there is none", hint: "leave reply out" };
  }
  const by = correlate?.by ?? "none";
  if (by === "id") {
    const request = correlate?.request ?? "$.id";
    return {
      reason: `there is nothing at ${request} in this message to know the reply by`,
      hint: `send JSON with a value at ${request}, such as "{{ $uuid }}"`,
    };
  }
  if (by === "stamp") {
    return { reason: "this message has no stamp", hint: "put {{ $stamp }} into it" };
  }
  return {
    reason: "nothing is correlated",
    hint: "say how replies find their sends: correlate: { by: id, request: $.id }, or by: order",
  };
}

/** Whether any message of users that take part holds a stamp. */
export function isStamped(scenario: Scenario): boolean {
  return sentIn(scenario).some(usesStamp);
}

/** Whether any message of one kind of user holds a stamp, whether or not anybody plays it. */
export function isStampedBy({ flow }: User, { config }: Scenario): boolean {
  return [flow, config?.onReconnect ?? []].some((steps) => messagesOf(steps).some(usesStamp));
}

/** Every message that users send in their flows; those of weight 0 take no part. */
export function sentIn(scenario: Scenario): Message[] {
  return usersOf(scenario)
    .filter(({ weight }) => weight > 0)
    .flatMap(({ flow }) => messagesOf(flow));
}

function messagesOf(flow: Flow): Message[] {
  return allSteps(flow, []).flatMap(({ map }) =>
    [map.send, map.every?.send, map.loop?.send].flatMap((sent) =>
      sent === undefined ? [] : listed(sent, []).map(({ item }) => item),
    ),
  );
}

/** Whether the message holds `$stamp`. */
function usesStamp(message: Message): boolean {
  if (typeof message === "string") return holdsStamp(message);
  return (
    (message.text !== undefined && holdsStamp(message.text)) ||
    (message.json !== undefined && anyText(message.json, holdsStamp))
  );
}

function holdsStamp(source: string): boolean {
  if (!source.includes("$stamp")) return false;
  try {
    return parseTemplate(source).some(
      (piece) => typeof piece !== "string" && piece.kind === "call" && piece.name === "$stamp",
    );
  } catch (error) {
    if (error instanceof WsctlError) return false;
    throw error;
  }
}

function anyText(value: JsonValue, test: (text: string) => boolean): boolean {
  if (typeof value === "string") return test(value);
  if (isJsonArray(value)) return value.some((item) => anyText(item, test));
  return isJsonObject(value) && Object.values(value).some((item) => anyText(item, test));
}

function hasId(message: Message, path: string): boolean {
  if (typeof message === "string" || message.json === undefined) return false;
  return compileJsonPath(path).first(message.json) !== undefined;
}

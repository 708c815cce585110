/** Owns questions about a user's variables: the matcher's operators, asked of one value. */
import { WsctlError } from "../../base/errors.js";
import { compileMatcher } from "../../message/matcher.js";
import { jsonText, type JsonValue } from "../../message/json.js";
import { MessageView } from "../../message/view.js";
import type { PlanCondition } from "../../scenario/flow-plan.js";
import type { UserContext } from "./context.js";

/** Whether it holds for a user. */
export type Condition = (context: UserContext) => boolean;

/** @throws WsctlError WSCTL_EUSAGE for an operand that the operator cannot take */
export function compileCondition({ variable, operator, operand }: PlanCondition): Condition {
  const [name, ...members] = variable.split(".");
  if (operator === "exists") {
    return (context) => (dig(context.variable(name!), members) !== undefined) === operand;
  }
  const matcher = compileMatcher({ json: "$.value", [operator]: operand });
  return (context) => {
    const value = dig(context.variable(name!), members);
    const body = value === undefined ? "{}" : bodyOf(value);
    return body !== undefined && matcher.test(new MessageView(1, Buffer.from(body)));
  };
}

/** Undefined for what is nested too deeply to be written: nothing holds of it. */
function bodyOf(value: JsonValue): string | undefined {
  try {
    return jsonText({ value });
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return undefined;
  }
}

function dig(value: JsonValue | undefined, members: readonly string[]): JsonValue | undefined {
  return members.reduce<JsonValue | undefined>(
    (at, name) =>
      typeof at === "object" && at !== null && !Array.isArray(at) && Object.hasOwn(at, name)
        ? (at as Record<string, JsonValue>)[name]
        : undefined,
    value,
  );
}

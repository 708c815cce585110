/** Owns keeping what captures of a step find in a message, on behalf of a user. */
import type { Capture } from "../../../message/capture.js";
import { MessageView } from "../../../message/view.js";
import type { User } from "../user.js";
import type { Place } from "./step.js";

/** Gives each capture's variable what is found in the message; what is not there is told. */
export function capture(
  user: User,
  captures: readonly Capture[],
  view: MessageView,
  place: Place,
): void {
  if (user.role.keepsLast) user.last = new MessageView(view.opcode, Buffer.from(view.bytes));
  for (const each of captures) {
    const value = each.read(view);
    if (value === undefined) {
      user.stepFailed(place, () => user.quote(`nothing to capture as ${each.name}`, view));
      continue;
    }
    user.context.set(each.name, value);
    if (user.traces) user.trace("captured", `${each.name} = ${JSON.stringify(value)}`);
  }
}

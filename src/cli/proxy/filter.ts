/** Owns which events are shown: messages only where they match, everything else in any case. */
import { Opcode } from "../../frame/opcode.js";
import type { Matcher } from "../../message/matcher.js";
import { MessageView } from "../../message/view.js";
import type { ProxyEvent } from "../../proxy/events.js";

/** Whether it is to be shown. What was not kept of a message cannot match. */
export function passes(event: ProxyEvent, filter: Matcher | undefined): boolean {
  if (!filter) return true;
  if (event.event === "control") return filter.test(new MessageView(event.opcode, event.data));
  if (event.event !== "message") return true;
  const { data, binary } = event;
  if (!data) return false;
  return filter.test(new MessageView(binary ? Opcode.binary : Opcode.text, data));
}

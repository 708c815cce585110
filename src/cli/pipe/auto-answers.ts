/** Owns `--auto-reply`: the answers to heartbeats of applications, as they are written on one line. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import { parseMatchExpression } from "../../message/match-expression.js";
import type { Matcher } from "../../message/matcher.js";
import { MessageView } from "../../message/view.js";
import type { Session } from "../../session/session.js";
import type { Spoken } from "./input.js";

/** One rule. */
export interface AutoAnswer {
  readonly matcher: Matcher;
  readonly send: Spoken;
}

/** So many answers may be under way; a server that asks and never reads would fill the memory. */
const mostOwed = 64;

/**
 * Reads `MATCH => MESSAGE`.
 *
 * @param speak makes the message of the text that stands behind the arrow
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseAutoAnswer(text: string, speak: (message: string) => Spoken): AutoAnswer {
  const [, match = "", message = ""] = /^(.*?)\s+=>\s+(.*)$/s.exec(text) ?? [];
  if (match === "") {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 80)}" is no automatic reply`, {
      hint: `write it like --auto-reply '$.type == "ping" => {"type":"pong"}'`,
    });
  }
  return { matcher: parseMatchExpression(match), send: speak(message) };
}

/** Answers by those rules for as long as the session lives. */
export function answerBy(session: Session, rules: readonly AutoAnswer[]): void {
  if (rules.length === 0) return;
  let owed = 0;
  const settle = (): void => {
    if (owed-- === mostOwed) session.resume();
  };
  const answer = (view: MessageView): void => {
    for (const { matcher, send } of rules) {
      if (!matcher.test(view)) continue;
      owed++;
      // One that is lost goes with its question: both belonged to a connection that is gone.
      session.send(send()).then(settle, settle);
    }
    if (owed >= mostOwed) session.pause();
  };
  session.on("message", ({ direction, binary, data }) => {
    if (direction !== "in") return;
    answer(new MessageView(binary ? Opcode.binary : Opcode.text, data));
  });
  session.on("frame", ({ direction, opcode, control }) => {
    if (direction === "in" && control) answer(new MessageView(opcode, control));
  });
}

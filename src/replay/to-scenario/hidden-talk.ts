/** Owns taking the secrets of a talk out of all that it says: those of headers are asked for by their names. */
import { isSecretName } from "../../base/secret-name.js";
import { Opcode } from "../../frame/opcode.js";
import type { Redactor } from "../../recording/redactor.js";
import { contentOf, type Talk, type TalkMessage } from "./talk.js";

/** Headers whose secrets the file asks the environment for by their own names. */
const asked = /^sec-websocket-protocol$/i;

/** The talk without its secrets, and without those that the redactor knows already. */
export function hiddenTalk(talk: Talk, redactor: Redactor): Talk {
  const { request: shown } = redactor.upgrade({ request: talk.request, response: [] });
  const { close } = talk;
  return {
    ...talk,
    url: redactor.url(talk.url),
    request: talk.request.map((header, at) =>
      isSecretName(header[0]) || asked.test(header[0]) ? header : shown[at]!,
    ),
    messages: talk.messages.map((message) => hiddenMessage(message, redactor)),
    close: close && { ...close, reason: redactor.reason(close.reason) },
  };
}

function hiddenMessage(message: TalkMessage, redactor: Redactor): TalkMessage {
  const { binary, payload } = message;
  const shown = redactor.payload(binary ? Opcode.binary : Opcode.text, payload);
  if (shown === undefined) return message;
  return { ...message, size: shown.length, payload: shown, ...contentOf(shown, binary) };
}

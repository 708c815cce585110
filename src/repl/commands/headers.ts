/** Owns /headers. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import type { Header } from "../../frame/upgrade.js";
import { isSecretName, redacted } from "../../base/secret-name.js";
import { redactSubprotocol } from "../../base/secret-subprotocols.js";
import { type Command, misused } from "../command.js";
import { withoutSecrets } from "../secret-text.js";

/** Named like secrets, and none. */
const handshake = /^sec-websocket-(?:key|accept)$/i;

/** A header's value as it may be shown to whoever looks over the shoulder. */
function harmlessValue(name: string, value: string): string {
  if (handshake.test(name)) return value;
  if (isSecretName(name)) return redacted;
  if (!/^sec-websocket-protocol$/i.test(name)) return withoutSecrets(value);
  return value
    .split(",")
    .map((each) => redactSubprotocol(each.trim()))
    .join(", ");
}

/** `/headers [secrets]` */
export const headers: Command = {
  name: "headers",
  takes: "[secrets]",
  summary: "show the handshake; `secrets` shows also what looks like one",
  completes: ["secrets"],
  run: ({ link, feed, ink: { chalk } }, rest) => {
    if (rest !== "" && rest !== "secrets") throw misused(headers, "it takes nothing, or secrets");
    const { upgrade } = link.session;
    if (!upgrade) throw new WsctlError("WSCTL_EUSAGE", "there was no handshake yet");
    const { request, response } = upgrade;
    const isAll = rest === "secrets";
    const line = ([name, value]: Header) => {
      const shown = isAll ? value : harmlessValue(name, value);
      return `    ${chalk.cyan(safeLine(name))}: ${safeLine(shown, 2000)}`;
    };
    const target = isAll ? request.target : withoutSecrets(request.target);
    feed.say(
      [
        `${chalk.blueBright("→")} ${chalk.bold(safeLine(`${request.method} ${target} HTTP/1.1`, 2000))}`,
        ...request.headers.map(line),
        `${chalk.green("←")} ${chalk.bold(safeLine(`HTTP/${response.httpVersion} ${response.status} ${response.reason}`))}`,
        ...response.headers.map(line),
      ].join("\n"),
    );
  },
};

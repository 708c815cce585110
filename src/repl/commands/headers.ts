/** Owns /headers. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import type { Header } from "../../frame/upgrade.js";
import { isSecretName, redacted } from "../../scenario/redact.js";
import { type Command, misused } from "../command.js";

/** Named like secrets, and none. */
const handshake = /^sec-websocket-(?:key|accept)$/i;

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
    const line = ([name, value]: Header) => {
      const isHidden = rest === "" && isSecretName(name) && !handshake.test(name);
      return `    ${chalk.cyan(safeLine(name))}: ${isHidden ? chalk.dim(redacted) : safeLine(value, 2000)}`;
    };
    feed.say(
      [
        `${chalk.blueBright("→")} ${chalk.bold(safeLine(`${request.method} ${request.target} HTTP/1.1`, 2000))}`,
        ...request.headers.map(line),
        `${chalk.green("←")} ${chalk.bold(safeLine(`HTTP/${response.httpVersion} ${response.status} ${response.reason}`))}`,
        ...response.headers.map(line),
      ].join("\n"),
    );
  },
};

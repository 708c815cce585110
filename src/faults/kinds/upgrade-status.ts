/** Owns refusals in place of the 101: what servers, gateways and captive portals answer. */
import { STATUS_CODES } from "node:http";
import { WsctlError } from "../../base/errors.js";
import { parseDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { FaultKind } from "../fault.js";
import { makeRaw } from "../outgoing.js";

const defaultLocation = "/elsewhere";
const defaultRetry = "5s";

/** The headers that make sense of a status, with the value that the spec gave for it. */
function headersFor(status: number, value: string): string[] {
  if (status >= 300 && status < 400) return [`Location: ${value || defaultLocation}`];
  if (status === 429 || status === 503) {
    return [`Retry-After: ${Math.ceil(parseDuration(value || defaultRetry) / 1000)}`];
  }
  if (value !== "") {
    throw new WsctlError("WSCTL_EUSAGE", `upgrade-${status} takes no value`, {
      hint: "redirects take a location, 429 and 503 how long to wait",
    });
  }
  if (status === 401) return ['WWW-Authenticate: Bearer realm="wsctl"'];
  return status === 426 ? ["Upgrade: websocket", "Sec-WebSocket-Version: 13"] : [];
}

function response(status: number, value: string): Buffer {
  const body = `${status} ${STATUS_CODES[status] ?? "Unknown"}\n`;
  const isEmpty = status === 204 || status === 304;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}`,
    ...headersFor(status, value),
    ...(isEmpty ? [] : ["Content-Type: text/plain", `Content-Length: ${body.length}`]),
    status === 426 ? "Connection: Upgrade, close" : "Connection: close",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${isEmpty ? "" : body}`, "latin1");
}

export const upgradeStatus: FaultKind = {
  summary: "answers the upgrade with that HTTP status",
  reveals: "retries forever, or sends credentials where a redirect points",
  value: {
    what: "where a redirect points, or how long 429 and 503 ask to wait",
    example: "30s",
  },
  numbers: {
    examples: [200, 301, 401, 426, 503],
    accepts: (number) => number >= 200 && number <= 599,
  },
  counts: "connections",
  create({ value, number }) {
    if (/[^\x21-\x7e]/.test(value)) {
      throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(value)}" cannot stand in a header`, {
        hint: "percent-encode what is not printable ASCII",
      });
    }
    const bytes = response(number, value);
    return {
      attach: (stage) => ({
        answer(answer) {
          if (!stage.fires()) return stage.pass(answer);
          stage.drop(answer);
          stage.send(makeRaw(bytes));
          stage.fin();
          stage.injected();
        },
      }),
    };
  },
};

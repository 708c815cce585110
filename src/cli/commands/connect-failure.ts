/** Owns what `wsctl connect` adds to the error of a connection that could not be opened. */
import { safeLine } from "../../base/safe-text.js";
import { DialError } from "../../dial/dial-error.js";
import { UpgradeRefused } from "../../dial/refusal.js";
import { UpgradeInvalid } from "../../dial/upgrade.js";
import { responseHeaders } from "../response-headers.js";
import type { ConnectFlags } from "./connect-options.js";

const ofReconnect =
  "--reconnect begins when a connection has stood: one that fails at first is likelier a mistake than an outage";

/** The most headers that are shown. */
const mostHeaders = 100;

/** Where it failed, with the whole head of the answer in place of the headers that matter most. */
function withHeaders(error: UpgradeRefused | UpgradeInvalid): readonly string[] {
  const { response, where } = error;
  const status = `HTTP/${response.httpVersion} ${response.status} ${response.reason}`.trimEnd();
  const headers = responseHeaders(response).slice(0, mostHeaders);
  const rest = where
    .slice(1)
    .filter((line) => error instanceof UpgradeInvalid || line.startsWith("body: "));
  return [
    ...where.slice(0, 1),
    safeLine(status),
    ...headers.map(([name, value]) => safeLine(`${name}: ${value}`, 400)),
    ...rest,
  ];
}

/** The error as that command tells it; what is no failed dial stays as it is. */
export function explained(error: unknown, { verbose, reconnect }: ConnectFlags): unknown {
  if (!(error instanceof DialError) || error.reason === "aborted") return error;
  const { code, phase, reason, message, cause } = error;
  const isAnswer = error instanceof UpgradeRefused || error instanceof UpgradeInvalid;
  const where = verbose && isAnswer ? withHeaders(error) : error.where;
  const hints = [error.hint ?? "", reconnect ? ofReconnect : ""].filter((hint) => hint !== "");
  return new DialError(code, phase, reason, message, { cause, where, hint: hints.join("; ") });
}

/** Owns accepting how a connection has opened: what of the line of an upgrade becomes another. */
import { type Header, headerValue, type Upgrade, type UpgradeResponse } from "../frame/upgrade.js";
import type { UpgradeLine } from "../recording/line.js";
import type { Redactor } from "../recording/redactor.js";

const subprotocol = "Sec-WebSocket-Protocol";

/** The fields that become others; undefined where the status and the subprotocol are as they were. */
export function openingChanges(
  line: UpgradeLine,
  { status, headers }: UpgradeResponse,
  redactor: Redactor | undefined,
): { readonly status: number; readonly response: readonly Header[] } | undefined {
  const then = headerValue(line.response, subprotocol) ?? "";
  const now = headerValue(headers, subprotocol) ?? "";
  if (status === line.status && now === then) return undefined;
  const rest = line.response.filter(([name]) => name.toLowerCase() !== subprotocol.toLowerCase());
  const chosen: Header[] = now === "" ? [] : [[subprotocol, now]];
  const shown = redactor?.upgrade({ request: [], response: chosen }).response ?? chosen;
  return { status, response: [...rest, ...shown] };
}

/** Secrets of an opening are hidden wherever they are said again, for those who write something or tell of it. */
export function learnFrom(
  { request, response }: Pick<Upgrade, "request" | "response">,
  ...redactors: readonly (Redactor | undefined)[]
): void {
  const opening = {
    target: request.target,
    request: request.headers,
    response: response.headers,
  };
  for (const redactor of redactors) redactor?.upgrade(opening);
}

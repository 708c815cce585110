/** Owns the whole way from a target to an open WebSocket, under one deadline. */
import { serialiseRequest } from "../frame/http-head.js";
import type { Upgrade, UpgradeRequest } from "../frame/upgrade.js";
import { deadlineOf, type OpenOptions, openWithin } from "./open.js";
import { buildRequest, type RequestOptions } from "./request.js";
import type { Target } from "./target.js";
import { type UpgradeOptions, upgradeWithin } from "./upgrade.js";
import type { Wire } from "./wire.js";

/** How to dial. */
export interface DialOptions extends OpenOptions, UpgradeOptions {
  readonly request?: RequestOptions | undefined;
  /** In place of `request`: gives one that is written already, as {@link preparedRequest} does. */
  readonly nextRequest?: (() => UpgradeRequest) | undefined;
}

/** An open WebSocket, with nobody receiving yet. */
export interface Dialled {
  readonly wire: Wire;
  readonly upgrade: Upgrade;
}

/**
 * Opens a connection and upgrades it. On any failure the socket is destroyed.
 *
 * @throws DialError with the phase and the reason; WsctlError WSCTL_EUSAGE, before anything is
 *   opened, for options that cannot be used
 */
export async function dial(target: Target, options: DialOptions = {}): Promise<Dialled> {
  const request =
    options.nextRequest?.() ?? serialiseRequest(buildRequest(target, options.request));
  const deadline = deadlineOf(options);
  try {
    const wire = await openWithin(target, options, deadline);
    return { wire, upgrade: await upgradeWithin(wire, request, options, deadline) };
  } finally {
    deadline.stop();
  }
}

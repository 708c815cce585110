/** Owns the whole way from a target to an open WebSocket, under one deadline. */
import { serialiseRequest } from "../frame/http-head.js";
import type { Upgrade } from "../frame/upgrade.js";
import { deadlineOf, type OpenOptions, openWithin } from "./open.js";
import { buildRequest, type PreparedRequest, type RequestOptions } from "./request.js";
import type { Target } from "./target.js";
import { type UpgradeOptions, upgradeWithin } from "./upgrade.js";
import type { Wire } from "./wire.js";

/** How to dial. */
export interface DialOptions extends OpenOptions, UpgradeOptions {
  readonly request?: RequestOptions | undefined;
  /** In place of `request`: one for many dials, all to the target it was made for. */
  readonly prepared?: PreparedRequest | undefined;
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
  const { prepared } = options;
  const request = prepared?.next() ?? serialiseRequest(buildRequest(target, options.request));
  const deadline = deadlineOf(options);
  try {
    const wire = await openWithin(target, options, deadline);
    const upgrade = await upgradeWithin(wire, request, options, deadline, prepared?.usual);
    return { wire, upgrade };
  } finally {
    deadline.stop();
  }
}

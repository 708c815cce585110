/** Owns how a failed dial is told: the phase it failed in, a word to count it by, and its causes. */
import type { Attempt } from "../frame/upgrade.js";
import { type ErrorCode, type ErrorDetails, WsctlError } from "../base/errors.js";

/** The phases of a dial, in order; `proxy` is whatever goes wrong before the tunnel stands. */
export type DialPhase = "dns" | "tcp" | "proxy" | "tls" | "upgrade";

/**
 * Why a dial failed, as a tag of metrics: these words are stable.
 * `ports`: no local port or address was free; `fds`: too many open files; `proxy`: the proxy cannot
 * be reached or opens no tunnel.
 */
export type DialReason =
  | "dns"
  | "refused"
  | "timeout"
  | "reset"
  | "unreachable"
  | "ports"
  | "fds"
  | "tcp"
  | "proxy"
  | "tls"
  | "closed"
  | "status"
  | "handshake"
  | "aborted";

/** A dial that failed: every failure from the look-up to the checked 101 is one of these. */
export class DialError extends WsctlError {
  override readonly name: string = "DialError";
  readonly phase: DialPhase;
  readonly reason: DialReason;
  /** The addresses that were tried until then, where it failed before a connection was handed out. */
  attempts: readonly Attempt[] = [];

  /** @param message what failed, in one line, without the code */
  constructor(
    code: ErrorCode,
    phase: DialPhase,
    reason: DialReason,
    message: string,
    details?: ErrorDetails,
  ) {
    super(code, message, details);
    this.phase = phase;
    this.reason = reason;
  }
}

/** The system's or OpenSSL's code of an error, such as `ECONNREFUSED`; its message if it has none. */
export function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : error.message;
}

/**
 * Owns the one error class that library rooms throw, and the table of its stable codes.
 * Only the command line renders these errors and turns codes into exit codes.
 */

/** Every stable error code, with what it stands for. Printed in brackets after the message. */
export const errorCodes = {
  WSCTL_EUSAGE: "a flag, an argument or a configuration value is invalid",
  WSCTL_EDNS: "the host name could not be resolved",
  WSCTL_EREFUSED: "nothing listens on the port: the TCP connection was refused",
  WSCTL_ETCP: "the TCP connection could not be opened",
  WSCTL_ETLS: "the TLS handshake failed",
  WSCTL_ETIMEOUT: "time ran out before the upgrade was complete",
  WSCTL_ECLOSED: "the other side closed the connection before the upgrade was complete",
  WSCTL_EUPGRADE: "the server answered the upgrade with an HTTP status other than 101",
  WSCTL_EHANDSHAKE: "the server's answer to the upgrade breaks RFC 6455 or HTTP/1.1",
  WSCTL_EPROTOCOL: "a frame breaks RFC 6455",
  WSCTL_ELOST: "the connection was lost, or a message with it",
  WSCTL_EEXPECT: "what was expected did not come before the connection ended",
  WSCTL_EWAIT: "time ran out waiting for what was asked",
  WSCTL_EPREFLIGHT: "this machine's limits do not allow what was asked",
  WSCTL_ELISTEN: "the server could not listen",
  WSCTL_EWORKER: "a process of this run could not start, or was lost",
  WSCTL_EDISK: "what was to be kept could not be written",
  WSCTL_EABORTED: "the operation was aborted",
} as const;

/** One of the stable codes of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** What else is known of an error; every field is optional. */
export interface ErrorDetails {
  /** What the user can do about it; a sentence. */
  readonly hint?: string | undefined;
  /** The error underneath, if any. */
  readonly cause?: unknown;
  /** Where it happened: one fact a line, such as `GET /chat on 127.0.0.1:8080`. */
  readonly where?: readonly string[] | undefined;
}

/** An error that the user can act on. Anything else that is thrown is a bug of wsctl. */
export class WsctlError extends Error {
  override readonly name: string = "WsctlError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly where: readonly string[];

  /**
   * @param code stable code
   * @param message what failed, in one line, without the code
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.where = details.where ?? [];
  }
}

/** The message of anything that was thrown, in one line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

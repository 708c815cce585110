/** Owns the one table of exit codes; CI scripts rely on it. */
import type { ErrorCode } from "../base/errors.js";

/** Every exit code and when it is used. */
export const ExitCode = {
  ok: 0,
  /** wsctl itself failed: a bug. */
  failed: 1,
  /** Flags, configuration or scenario are invalid, or ask more than this machine allows. */
  usage: 2,
  /** Could not connect: DNS, TCP, TLS, or a timeout before the upgrade. */
  connect: 3,
  /** The upgrade was refused or its answer invalid. */
  upgrade: 4,
  /** The connection ended abnormally. */
  abnormal: 5,
  /** Something that was asked for did not hold: `--expect` when the connection closed first. */
  unmet: 6,
  /** Timed out waiting for what was asked: `--expect`, `--until`, `--count`. */
  waited: 7,
  /** A load run is INVALID: its figures are no evidence. */
  invalid: 98,
  /** A threshold failed, or a figure is worse than in the run it was compared with. */
  threshold: 99,
  /** Ended by SIGINT. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

const byError: Readonly<Record<ErrorCode, number>> = {
  WSCTL_EUSAGE: ExitCode.usage,
  WSCTL_EDNS: ExitCode.connect,
  WSCTL_EREFUSED: ExitCode.connect,
  WSCTL_ETCP: ExitCode.connect,
  WSCTL_ETLS: ExitCode.connect,
  WSCTL_ETIMEOUT: ExitCode.connect,
  WSCTL_ECLOSED: ExitCode.connect,
  WSCTL_EUPGRADE: ExitCode.upgrade,
  WSCTL_EHANDSHAKE: ExitCode.upgrade,
  WSCTL_EPROTOCOL: ExitCode.abnormal,
  WSCTL_ELOST: ExitCode.abnormal,
  WSCTL_EEXPECT: ExitCode.unmet,
  WSCTL_EWAIT: ExitCode.waited,
  WSCTL_EPREFLIGHT: ExitCode.usage,
  WSCTL_ELISTEN: ExitCode.usage,
  WSCTL_EWORKER: ExitCode.invalid,
  WSCTL_EDISK: ExitCode.failed,
  WSCTL_EABORTED: ExitCode.interrupted,
};

/** The exit code of an error with that stable code; 1 for a code that is not in the table. */
export function exitCodeOf(code: string): number {
  return Object.hasOwn(byError, code) ? byError[code as ErrorCode] : ExitCode.failed;
}

/** Owns the public library: what other programs may import from `wsctl`. Re-exports only. */
export { Backoff, parseBackoff, type BackoffPolicy } from "./base/backoff.js";
export { WsctlError, errorCodes, type ErrorCode } from "./base/errors.js";
export { Coordinator } from "./cluster/coordinator.js";
export { IpcTransport, type WorkerProgram } from "./cluster/ipc.js";
export type { Clock, RunOptions, RunOutcome } from "./cluster/run-options.js";
export type { Transport } from "./cluster/transport.js";
export type { DialOptions } from "./dial/dial.js";
export { DialError } from "./dial/dial-error.js";
export { parseTarget, type Target } from "./dial/target.js";
export {
  baselineOf,
  readBaseline,
  type AcceptedFinding,
  type Baseline,
} from "./findings/baseline.js";
export type { Finding } from "./findings/finding.js";
export type { Inspection } from "./findings/inspection.js";
export type { Rule } from "./findings/rule.js";
export type { Severity } from "./findings/severity.js";
export type { Verdict } from "./findings/verdict.js";
export type { Upgrade } from "./frame/upgrade.js";
export { ProtocolViolation } from "./frame/violation.js";
export { inspect, type InspectOptions } from "./inspect/inspect.js";
export { planOf, type InspectionPlan } from "./inspect/plan.js";
export type { Selection } from "./inspect/selection.js";
export type { Given } from "./inspect/subject.js";
export { matchSpecOf } from "./message/match-expression.js";
export type { MatchSpec } from "./message/matcher.js";
export type { Output, RunPhase, RunStart } from "./metrics/output.js";
export type { RunEnvironment, RunResult } from "./metrics/run-result.js";
export { reporters, type Reporter } from "./report/reporters.js";
export { compile } from "./scenario/compile.js";
export type { Plan } from "./scenario/plan.js";
export type { Scenario } from "./scenario/scenario.js";
export { serve, type RunningServer, type ServeOptions } from "./serve/server.js";
export { Session, type SessionWorld } from "./session/session.js";
export type {
  Direction,
  SessionEnd,
  SessionEvents,
  SessionFrame,
  SessionGap,
  SessionMessage,
  SessionState,
} from "./session/session-events.js";
export type {
  AutoReply,
  CompressionOffer,
  Outgoing,
  SessionOptions,
} from "./session/session-options.js";

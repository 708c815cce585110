/** Owns the public library: what other programs may import from `wsctl`. Re-exports only. */
export { WsctlError, errorCodes, type ErrorCode } from "./base/errors.js";
export {
  Coordinator,
  type Clock,
  type RunOptions,
  type RunOutcome,
} from "./cluster/coordinator.js";
export { IpcTransport } from "./cluster/ipc.js";
export type { Transport } from "./cluster/transport.js";
export type { Output, RunPhase, RunStart } from "./metrics/output.js";
export type { RunEnvironment, RunResult } from "./metrics/run-result.js";
export { reporters, type Reporter } from "./report/reporters.js";
export { compile } from "./scenario/compile.js";
export type { Plan } from "./scenario/plan.js";
export type { Scenario } from "./scenario/scenario.js";
export { serve, type RunningServer, type ServeOptions } from "./serve/server.js";

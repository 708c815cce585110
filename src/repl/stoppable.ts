/** Owns work that a person may stop: no listener outlives it, and nothing waits on after Ctrl-C. */
import { WsctlError } from "../base/errors.js";

/**
 * Does the work; `stop` is called when the signal is aborted meanwhile, and never after.
 * @throws WsctlError WSCTL_EABORTED when it is aborted already; what the work throws
 */
export async function stoppedBy<T>(
  signal: AbortSignal,
  stop: () => void,
  work: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw stopped();
  signal.addEventListener("abort", stop);
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * The promise's value, unless the signal is aborted first.
 * @throws WsctlError WSCTL_EABORTED
 */
export async function orStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (error: WsctlError) => void = () => {};
  // When nobody waits for it any more, its failing is nobody's business.
  promise.catch(() => {});
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  return stoppedBy(
    signal,
    () => stop(stopped()),
    () => Promise.race([promise, aborted]),
  );
}

function stopped(): WsctlError {
  return new WsctlError("WSCTL_EABORTED", "stopped");
}

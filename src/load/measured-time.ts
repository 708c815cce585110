/** Owns for how long traffic flowed and was measured, and what went to and fro in that time. */
import type { Throughput } from "../metrics/run-result.js";

/** From the end of the warm-up to the end of traffic. */
export class MeasuredTime {
  /** Milliseconds for which traffic flowed, its warm-up left out; 0 before the end. */
  trafficFor = 0;
  /** The same with its warm-up. */
  flowedFor = 0;
  /** What went to and fro in `trafficFor`. */
  inTraffic: Throughput = { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0 };
  readonly #traffic: () => Throughput;
  #begun: { readonly at: number; readonly before: Throughput } | undefined;

  /** @param traffic tells what went to and fro since the beginning */
  constructor(traffic: () => Throughput) {
    this.#traffic = traffic;
  }

  /** The warm-up is over, or there is none. */
  begin(at: number): void {
    this.#begun = { at, before: this.#traffic() };
  }

  /**
   * Traffic is over that began at `from`; it may have been ended while it warmed up.
   * @param flowedFor ms for which it flowed
   */
  end(from: number, flowedFor: number): void {
    this.flowedFor = flowedFor;
    if (!this.#begun) return;
    const { at, before } = this.#begun;
    const after = this.#traffic();
    this.trafficFor = Math.max(0, flowedFor - (at - from));
    this.inTraffic = {
      sent: after.sent - before.sent,
      received: after.received - before.received,
      bytesSent: after.bytesSent - before.bytesSent,
      bytesReceived: after.bytesReceived - before.bytesReceived,
    };
  }
}

/**
 * Owns the conservation sums: every message that expected a reply is accounted for, and the counts
 * agree with the server's own where the server tells them. A difference is shown, never hidden.
 */

/** The fate of all sends that expect a reply. `expected` must equal the sum of the next four. */
export interface Conservation {
  readonly expected: number;
  readonly answered: number;
  readonly disconnected: number;
  /** Late answers are a part of these. */
  readonly timedOut: number;
  readonly inFlight: number;
  readonly late: number;
  /** `expected` less the other four: anything but 0 is a bug. */
  readonly difference: number;
  /** Connections whose own sums do not add up. */
  readonly connectionsOff: number;
  /** The server's own counters for this run beside ours, when the server tells them. */
  readonly server: ServerComparison | undefined;
}

/** What both sides counted. A difference is only an error when no connection broke. */
export interface ServerComparison {
  /** The counters' address. */
  readonly source: string;
  readonly sentByUs: number;
  readonly receivedByServer: number;
  readonly sentByServer: number;
  readonly receivedByUs: number;
  /** Messages that a guard of the server kept from clients that did not read; of those sent it is none. */
  readonly dropped?: number | undefined;
  /** Whether both pairs are equal. */
  readonly equal: boolean;
  /**
   * Whether they are not, and connections that ended with messages under way account for all that is
   * missing: then it is no error.
   */
  readonly explained?: boolean;
  /** What is known of why they are not equal, in a sentence. */
  readonly detail?: string | undefined;
}

/** The sums from merged counters. */
export function conservationOf(
  totals: Readonly<Record<string, number>>,
  connectionsOff: number,
  server: ServerComparison | undefined,
): Conservation {
  const total = (key: string): number => totals[key] ?? 0;
  const expected = total("ws_msg_expected");
  const answered = total("ws_msg_answered");
  const disconnected = total("ws_msg_disconnected");
  const timedOut = total("ws_msg_timeout");
  const inFlight = total("ws_msg_in_flight");
  return {
    expected,
    answered,
    disconnected,
    timedOut,
    inFlight,
    late: total("ws_msg_late"),
    difference: expected - answered - disconnected - timedOut - inFlight,
    connectionsOff,
    server,
  };
}

/** What does not add up, in sentences; empty when everything does. */
export function unaccounted(sums: Conservation): string[] {
  const sentences: string[] = [];
  if (sums.difference !== 0) {
    sentences.push(`${sums.difference} of ${sums.expected} expected replies are unaccounted for`);
  }
  if (sums.connectionsOff > 0) {
    sentences.push(`the sums of ${sums.connectionsOff} connections do not add up`);
  }
  return sentences;
}

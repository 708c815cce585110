/**
 * Owns asking a server for its own counters of a run: `wsctl serve` names its control port in a
 * header of the 101, and the counts of both sides are held against each other.
 */
import { get } from "node:http";
import type { ServerComparison } from "../metrics/conservation.js";
import { missing } from "../metrics/missing.js";
import { isLoopback } from "../dial/loopback.js";

/** What a server counted for one run. */
interface ServerCounts {
  readonly messagesReceived: number;
  /** Those that really left; injected faults may have dropped or doubled some. */
  readonly messagesSent: number;
}

const patience = 3000;
const largestAnswer = 1024 * 1024;

/**
 * Compares a run's counts with the server's.
 * @param control address of the control port, such as `http://127.0.0.1:9999`
 * @returns undefined when the server does not tell them
 */
export async function compareWithServer(
  control: string,
  run: string,
  totals: Readonly<Record<string, number>>,
): Promise<ServerComparison | undefined> {
  const source = `${control}/stats?run=${encodeURIComponent(run)}`;
  const counts = countsOf(await fetchText(source));
  if (!counts) return undefined;
  const sentByUs = totals["ws_msgs_sent"] ?? 0;
  const receivedByUs = totals["ws_msgs_received"] ?? 0;
  const both = {
    sentByUs,
    receivedByServer: counts.messagesReceived,
    sentByServer: counts.messagesSent,
    receivedByUs,
  };
  const difference = missing(both, totals);
  return {
    // What the URL parser made of it: control characters are encoded there.
    source: new URL(source).href,
    ...both,
    equal: difference === undefined,
    ...difference,
  };
}

function countsOf(text: string | undefined): ServerCounts | undefined {
  if (text === undefined) return undefined;
  try {
    const { messages } = JSON.parse(text) as { messages?: Readonly<Record<string, unknown>> };
    const { received, sent, delivered = sent } = messages ?? {};
    if (typeof received !== "number" || typeof delivered !== "number") return undefined;
    return { messagesReceived: received, messagesSent: delivered };
  } catch {
    return undefined;
  }
}

/** The body of a 200 answer; undefined for anything else: the comparison is a bonus. */
function fetchText(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { protocol, hostname } = URL.canParse(url)
      ? new URL(url)
      : { protocol: "", hostname: "" };
    if (protocol !== "http:" || !isLoopback(hostname)) {
      resolve(undefined);
      return;
    }
    // For the whole answer: one that trickles in would never be idle.
    const signal = AbortSignal.timeout(patience);
    const request = get(url, { signal, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
        if (body.length > largestAnswer) request.destroy();
      });
      response.on("end", () => resolve(response.statusCode === 200 ? body : undefined));
      response.on("error", () => resolve(undefined));
    });
    request.on("error", () => resolve(undefined));
  });
}

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
  /** Kept from clients that did not read. */
  readonly dropped: number | undefined;
}

/** Nodes of a fleet that are asked. */
const mostNodes = 16;
const patience = 3000;
const largestAnswer = 1024 * 1024;

/**
 * Compares a run's counts with the server's, or with those of a fleet's nodes together.
 * @param controls addresses of control ports, such as `http://127.0.0.1:9999`
 * @returns undefined when there is none, or one does not tell them: the rest would be a part only
 */
export async function compareWithServers(
  controls: readonly string[],
  run: string,
  totals: Readonly<Record<string, number>>,
): Promise<ServerComparison | undefined> {
  if (controls.length === 0 || controls.length > mostNodes) return undefined;
  const sources = controls.map((control) => `${control}/stats?run=${encodeURIComponent(run)}`);
  const answers = await Promise.all(
    sources.map(async (source) => countsOf(await fetchText(source))),
  );
  const known = answers.filter((counts) => counts !== undefined);
  if (known.length < answers.length) return undefined;
  const counts = known.reduce((sum, one) => together(sum, one));
  const sentByUs = totals["ws_msgs_sent"] ?? 0;
  const receivedByUs = totals["ws_msgs_received"] ?? 0;
  const both = {
    sentByUs,
    receivedByServer: counts.messagesReceived,
    sentByServer: counts.messagesSent,
    receivedByUs,
  };
  const { dropped } = counts;
  const difference = missing(both, totals);
  return {
    // What the URL parser made of it: control characters are encoded there.
    source: sources.map((source) => new URL(source).href).join(" "),
    ...both,
    ...(dropped === undefined ? {} : { dropped }),
    equal: difference === undefined,
    ...difference,
  };
}

function together(a: ServerCounts, b: ServerCounts): ServerCounts {
  const dropped = (a.dropped ?? 0) + (b.dropped ?? 0);
  return {
    messagesReceived: a.messagesReceived + b.messagesReceived,
    messagesSent: a.messagesSent + b.messagesSent,
    dropped: dropped > 0 ? dropped : undefined,
  };
}

function countsOf(text: string | undefined): ServerCounts | undefined {
  if (text === undefined) return undefined;
  try {
    const { messages } = JSON.parse(text) as { messages?: Readonly<Record<string, unknown>> };
    const { received, sent, delivered = sent, dropped } = messages ?? {};
    if (typeof received !== "number" || typeof delivered !== "number") return undefined;
    return {
      messagesReceived: received,
      messagesSent: delivered,
      // That nothing was kept back is no news.
      dropped: typeof dropped === "number" && dropped > 0 ? dropped : undefined,
    };
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

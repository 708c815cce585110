/**
 * Owns why a server's counts and ours differ: what was under way on a connection when it was cut, by
 * us or not, reached nobody, and how much that can have been is known.
 */
import { formatCount } from "../base/quantity.js";
import { parseSeriesKey } from "./catalogue.js";
import type { ServerComparison } from "./conservation.js";

/** Who ended connections, and how: the tags of `ws_close` and `ws_msg_unconfirmed`, in words. */
const causes: Readonly<Record<string, string>> = {
  dropped: "cut by our own events and profiles",
  "no-pong": "cut by us for want of a pong",
  timeout: "cut by us when our close frame had no answer",
  backlog: "ended while messages stood in our queue",
  unhandled: "cut by us over a message that could not be handled",
  violation: "failed by us for breaking the protocol",
  close: "closed by the server",
};

/** Close codes with which we fail a connection (RFC 6455 §7.1.7): what came after is not read. */
const failing: ReadonlySet<string> = new Set(["1002", "1007", "1009"]);

/**
 * Holds what is missing on either side against the connections that did not end in a closing
 * handshake of ours, the only ones on which anything can be.
 * @returns undefined of equal counts
 */
export function missing(
  counts: Omit<ServerComparison, "source" | "equal">,
  totals: Readonly<Record<string, number>>,
): Required<Pick<ServerComparison, "explained" | "detail">> | undefined {
  const there = counts.sentByUs - counts.receivedByServer;
  const here = counts.sentByServer - counts.receivedByUs;
  if (there === 0 && here === 0) return undefined;
  const underWay = byCause(totals, "ws_msg_unconfirmed", () => true);
  const broken = byCause(
    totals,
    "ws_close",
    ({ code = "", by }) => code === "1006" || (by === "client" && failing.has(code)),
  );
  const most = sum(underWay);
  const sentences: string[] = [];
  if (there > 0 && most > 0) {
    const known =
      there <= most
        ? `of up to ${formatCount(most)} under way when connections ended`
        : `and no more than ${formatCount(most)} were under way when connections ended`;
    sentences.push(
      `${formatCount(there)} of ours did not reach the server, ${known} (${inWords(underWay)})`,
    );
  }
  if (here > 0 && broken.size > 0) {
    const ends = `${formatCount(sum(broken))} connections ended without a closing handshake`;
    sentences.push(
      `${formatCount(here)} of the server's did not reach us: ${ends} (${inWords(broken)})`,
    );
  }
  return {
    explained: there >= 0 && there <= most && here >= 0 && (here === 0 || broken.size > 0),
    detail: sentences.length > 0 ? sentences.join("; ") : undefined,
  };
}

/** What a counter came to, by what its causes are called; the most frequent first. */
function byCause(
  totals: Readonly<Record<string, number>>,
  metric: string,
  counts: (tags: Readonly<Record<string, string>>) => boolean,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of Object.entries(totals)) {
    const { name, tags } = parseSeriesKey(key);
    if (name !== metric || value === 0 || !counts(tags)) continue;
    // Who decided to end it did so, be there a queue or not.
    const cause = (tags["cause"] ?? "violation").replace(/-backlog$/, "");
    const words = Object.hasOwn(causes, cause)
      ? causes[cause]!
      : "cut by the server or the network";
    sums.set(words, (sums.get(words) ?? 0) + value);
  }
  return new Map([...sums].toSorted(([, a], [, b]) => b - a));
}

function inWords(sums: ReadonlyMap<string, number>): string {
  return [...sums].map(([words, count]) => `${formatCount(count)} ${words}`).join(", ");
}

function sum(sums: ReadonlyMap<string, number>): number {
  return [...sums.values()].reduce((all, value) => all + value, 0);
}

/** Owns HS-01: the exchange as it was on the wire, and what of the answer is odd. */
import type { Answered } from "../reply.js";
import type { Check, Observation } from "../check.js";
import type { SecretHeaders } from "../credentials.js";
import { shownPath, shownValue } from "../repro.js";
import type { Given } from "../subject.js";
import { isFold, type RawLine, rawLines, shownLines } from "./raw-head.js";

/** Fields that have one value only (RFC 9110 §5.5, RFC 6455 §11.3). */
const singletons = new Set([
  "content-length",
  "content-type",
  "date",
  "location",
  "retry-after",
  "sec-websocket-accept",
  "sec-websocket-protocol",
  "server",
  "upgrade",
]);

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? "" : "s"}`;

/** What a person should look at twice. */
function odditiesOf(lines: readonly RawLine[], { response }: Answered): string[] {
  const odd: string[] = [];
  const times = new Map<string, number>();
  for (const [name] of response.headers) {
    const lower = name.toLowerCase();
    times.set(lower, (times.get(lower) ?? 0) + 1);
  }
  for (const [name, many] of times) {
    if (many > 1 && singletons.has(name)) odd.push(`${name} came ${many} times`);
  }
  const bare = lines.filter(({ end }) => end === "lf").length;
  if (bare > 0) odd.push(`${count(bare, "line")} ended by a bare LF`);
  const folds = lines.filter(isFold).length;
  if (folds > 0) odd.push(count(folds, "folded line"));
  const isOpaque = ({ text }: RawLine): boolean => /[\x80-\xff]/.test(text);
  const beyond = lines.filter(isOpaque).length;
  if (beyond > 0) odd.push(`${count(beyond, "line")} with bytes beyond ASCII`);
  const padded = lines.slice(1).filter(({ text }) => /^[^:]*:(?: {2}|\t)|[ \t]$/.test(text)).length;
  if (padded > 0) odd.push(`${count(padded, "line")} with blanks around the value`);
  return odd;
}

/** The request as it may be shown, a line each. */
function requestLines({ request }: Answered, secretHeaders?: SecretHeaders): string[] {
  const { bytes, headers, method, target } = request;
  const [first = ""] = bytes.toString("latin1", 0, 16_384).split("\r\n", 1);
  const version = first.slice(first.lastIndexOf(" ") + 1);
  return [
    `> ${method} ${shownPath(target)} ${version}`,
    ...headers.map(([name, value]) => `> ${name}: ${shownValue(name, value, secretHeaders)}`),
  ];
}

function look(reply: Answered, { secretHeaders }: Given): Observation {
  const { response } = reply;
  const lines = rawLines(response.bytes);
  const odd = odditiesOf(lines, reply);
  const what = `${count(response.headers.length, "header")} in ${response.bytes.length} bytes`;
  const answered = shownLines(lines, secretHeaders).map((line) => `< ${line}`);
  return {
    verdict: odd.length === 0 ? "pass" : "info",
    message:
      odd.length === 0
        ? `101 with ${what}, nothing odd in its form`
        : `101 with ${what}; odd: ${odd.join(", ")}`,
    evidence: [...requestLines(reply, secretHeaders), ...answered],
  };
}

/** The exchange itself. */
export const exchangeCheck: Check = {
  rule: {
    id: "HS-01",
    title: "the exchange, byte for byte",
    severity: "info",
    source: "RFC 6455 §4.1",
    why: "Order, case and duplicates of headers are what proxies change and what other tools hide.",
    fix: "Nothing has to be done; where something is odd, look which hop puts it there.",
  },
  tier: "default",
  needs: "switch",
  cost: { handshakes: 0 },
  run: async ({ baseline, given }) => (baseline.kind === "answered" ? [look(baseline, given)] : []),
};

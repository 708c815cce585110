/** Owns HS-02: whether the 101 is a response head as HTTP/1.1 has it. */
import { headerValues } from "../../frame/upgrade.js";
import { isSecretName } from "../../base/secret-name.js";
import type { Check, Observation } from "../check.js";
import { type Answered, isSwitch, type Reply, saidOf } from "../reply.js";
import { endsBare, isFold, rawLines, shownLines } from "./raw-head.js";
import { theirs } from "../their-words.js";

/** The most lines that are shown of one kind. */
const mostShown = 5;

function faultsOf({ request, response }: Answered): Observation[] {
  const { bytes, headers, httpVersion } = response;
  const lines = rawLines(bytes);
  const shown = shownLines(lines);
  const faults: Observation[] = [];
  const add = (which: string, message: string, evidence: readonly string[] = []): void => {
    faults.push({ case: which, verdict: "fail", message, evidence, request });
  };
  const where = (isOne: (index: number) => boolean): string[] =>
    shown.filter((_line, index) => isOne(index)).slice(0, mostShown);

  const isBare = lines.some(({ end }) => end === "lf") || endsBare(bytes);
  if (isBare) {
    add(
      "line ends",
      "lines of the head end in a bare LF; each has to end in CR LF (RFC 9112 §2.1), and what only some recipients forgive is what request smuggling is made of",
      where((index) => lines[index]?.end === "lf"),
    );
  }
  if (lines.some(isFold)) {
    add(
      "folding",
      "a header is folded over several lines, which no sender may do (RFC 9112 §5.2)",
      where((index) => isFold(lines[index]!)),
    );
  }
  const [status = ""] = shown;
  if (httpVersion !== "1.1") {
    add(
      "version",
      `the status line says HTTP/${theirs(httpVersion)}; a 101 exists in HTTP/1.1 only (RFC 9110 §15.2)`,
      [status],
    );
  }
  if (/^HTTP\/\d\.\d \d{3}$/.test(lines[0]?.text ?? "")) {
    faults.push({
      case: "status line",
      verdict: "warn",
      severity: "low",
      message: "the space after the status code is missing (RFC 9112 §4)",
      evidence: [status],
      request,
    });
  }
  const content = ["Content-Length", "Transfer-Encoding"] as const;
  for (const name of content) {
    const values = headerValues(headers, name);
    if (values.length === 0) continue;
    const rule = name === "Content-Length" ? "RFC 9110 §8.6" : "RFC 9112 §6.1";
    add(
      name,
      `the 101 has ${name}: ${theirs(values.join(", "))}, which no 1xx may have (${rule}): a client or proxy that believes it takes the first frames for a body`,
    );
  }
  return faults;
}

/** How an error begins where the first bytes are none of HTTP/1: a banner, TLS, HTTP/2. */
const otherProtocol = /^the (?:answer is not HTTP|server speaks )/;

/** A head that cannot be read at all; what it says may be a secret. */
function unreadable(reply: Reply): Observation {
  if (reply.kind === "unanswered" && reply.error.reason === "handshake") {
    const { message } = reply.error;
    if (otherProtocol.test(message)) {
      return { verdict: "inconclusive", message: `no HTTP answer came: ${theirs(message)}` };
    }
    return {
      case: "unreadable",
      verdict: "fail",
      message: `the answer is no HTTP/1.1 head: ${isSecretName(message) ? "a header line breaks the grammar" : theirs(message)}`,
      request: reply.request,
    };
  }
  return {
    verdict: "inconclusive",
    message: `not tried: the first exchange came to ${saidOf(reply)}`,
  };
}

/** The grammar of the 101. */
export const grammarCheck: Check = {
  rule: {
    id: "HS-02",
    title: "the 101 is a well-formed HTTP/1.1 head without a body",
    severity: "medium",
    source: "RFC 9112 §2.1, RFC 9110 §15.2",
    why: "Clients differ in what they forgive: a head that one accepts makes another fail, or lose the first frames.",
    fix: "Let the server's HTTP library write the 101; written by hand, end each line with \\r\\n, the head with an empty line, and send neither Content-Length nor Transfer-Encoding.",
  },
  tier: "default",
  needs: "connection",
  cost: { handshakes: 0 },
  run: async ({ baseline }) => {
    if (!isSwitch(baseline)) return [unreadable(baseline)];
    const faults = faultsOf(baseline);
    if (faults.length > 0) return faults;
    const { bytes } = baseline.response;
    const message = `all ${rawLines(bytes).length} lines of the 101 are well-formed, and no body is announced`;
    return [{ verdict: "pass", message }];
  },
};

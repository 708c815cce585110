/**
 * Owns the rules of the opening handshake (RFC 6455 §4): the key, the accept value, and what is
 * wrong with an answer. Pure: it judges an exchange, it does not hold one.
 */
import { hash, randomFillSync } from "node:crypto";
import { safeLine } from "../base/safe-text.js";
import { headerValue, headerValues, type UpgradeRequest, type UpgradeResponse } from "./upgrade.js";

/** One way in which an answer to an upgrade is not what RFC 6455 asks for. */
export interface HandshakeProblem {
  /** What of the answer is wrong; a stable word. */
  readonly kind: "status" | "upgrade" | "connection" | "accept" | "subprotocol" | "extensions";
  /** What was seen and what would have been right, in one harmless line. */
  readonly message: string;
  /** Where the rule stands, such as `RFC 6455 §4.1`. */
  readonly source: string;
}

const clientRules = "RFC 6455 §4.1";
const acceptRule = "RFC 6455 §4.2.2";

const keySize = 16;

/** Random bytes not used yet: a draw from the system costs the same for one key as for many. */
const randomness = Buffer.alloc(64 * keySize);
let used = randomness.length;

/** A new value for Sec-WebSocket-Key: 16 random bytes in base64 (RFC 6455 §4.1). */
export function newKey(): string {
  if (used === randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  used += keySize;
  return randomness.toString("base64", used - keySize, used);
}

/** The only right Sec-WebSocket-Accept for that key (RFC 6455 §4.2.2, item 5.4). */
export function acceptFor(key: string): string {
  return hash("sha1", `${key.trim()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, "base64");
}

/** The members of a comma-separated list; commas inside of quotes do not separate. */
function listMembers(value: string): string[] {
  return (value.match(/(?:"(?:\\.|[^"\\])*"?|[^",])+/g) ?? [])
    .map((member) => member.trim())
    .filter((member) => member !== "");
}

/** The names of the extensions in a value of Sec-WebSocket-Extensions, without parameters. */
function extensionNames(value: string): string[] {
  return listMembers(value).map((member) => member.split(";", 1)[0]!.trim().toLowerCase());
}

function quoted(values: readonly string[]): string {
  return values.length === 0 ? "missing" : values.map((value) => `"${safeLine(value)}"`).join(", ");
}

function acceptProblem(request: UpgradeRequest, accepts: readonly string[]): string | undefined {
  const keys = headerValues(request.headers, "Sec-WebSocket-Key");
  if (keys.length !== 1) {
    return `Sec-WebSocket-Accept proves nothing: the request had ${keys.length} keys, not one`;
  }
  const right = acceptFor(keys[0]!);
  if (accepts.length === 1 && accepts[0] === right) return undefined;
  if (accepts.length > 1) {
    return `Sec-WebSocket-Accept came ${accepts.length} times: ${quoted(accepts)}; right: "${right}"`;
  }
  return `Sec-WebSocket-Accept is ${quoted(accepts)}; the right value for this key is "${right}"`;
}

function subprotocolProblem(
  request: UpgradeRequest,
  chosen: readonly string[],
): string | undefined {
  if (chosen.length === 0) return undefined;
  if (chosen.length > 1) return `the server chose several subprotocols: ${quoted(chosen)}`;
  const requested = headerValue(request.headers, "Sec-WebSocket-Protocol");
  const offered = requested === undefined ? [] : listMembers(requested);
  if (offered.includes(chosen[0]!)) return undefined;
  return `the server chose the subprotocol ${quoted(chosen)}; requested: ${
    offered.length === 0 ? "none" : quoted(offered)
  }`;
}

/** What is wrong with the answer; an empty list means that the WebSocket is open. */
export function checkUpgrade(
  request: UpgradeRequest,
  response: UpgradeResponse,
): HandshakeProblem[] {
  const problems: HandshakeProblem[] = [];
  const add = (kind: HandshakeProblem["kind"], message: string, source = clientRules) => {
    problems.push({ kind, message, source });
  };
  const { headers, status } = response;

  if (status !== 101) add("status", `the status is ${status}, not 101`);

  const upgrade = headerValues(headers, "Upgrade");
  if (upgrade.length !== 1 || upgrade[0]!.toLowerCase() !== "websocket") {
    add("upgrade", `Upgrade is ${quoted(upgrade)}, not "websocket"`);
  }

  const connection = headerValues(headers, "Connection");
  if (!connection.some((value) => listMembers(value.toLowerCase()).includes("upgrade"))) {
    add("connection", `Connection is ${quoted(connection)}, without "Upgrade"`);
  }

  const accept = acceptProblem(request, headerValues(headers, "Sec-WebSocket-Accept"));
  if (accept !== undefined) add("accept", accept, acceptRule);

  const subprotocol = subprotocolProblem(request, headerValues(headers, "Sec-WebSocket-Protocol"));
  if (subprotocol !== undefined) add("subprotocol", subprotocol);

  const offered = extensionNames(headerValue(request.headers, "Sec-WebSocket-Extensions") ?? "");
  const agreed = extensionNames(headerValue(headers, "Sec-WebSocket-Extensions") ?? "");
  const unknown = agreed.filter((name) => !offered.includes(name));
  if (unknown.length > 0) {
    add("extensions", `the server turned on extensions not requested: ${quoted(unknown)}`);
  }
  return problems;
}

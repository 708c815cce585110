/** Owns the server that does all of the opening handshake right, and how tests look at one. */
import { handshakeChecks } from "../../../src/inspect/handshake/checks.js";
import type { Check } from "../../../src/inspect/check.js";
import type { Finding } from "../../../src/findings/finding.js";
import {
  closeInKind,
  onFrames,
  type RawServer,
  startRaw,
  switching,
} from "../../e2e/raw-server.js";
import { type Looking, lookAt, type Seen } from "../looking.js";

/** An answer in HTTP, with a body. */
export function http(status: string, headers: readonly string[] = [], body = "no\n"): string {
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`, ""];
  return `${lines.join("\r\n")}\r\n${body}`;
}

/** The values of a header in a request head. */
export function valuesIn(head: string, name: string): string[] {
  const lines = head.split("\r\n").filter((line) => line.toLowerCase().startsWith(`${name}:`));
  return lines.map((line) => line.slice(name.length + 1).trim());
}

/** Why the head is no request to upgrade, as a status; undefined where it is one. */
function refusal(head: string): string | undefined {
  if (!/^GET \S+ HTTP\/1\.1\r\n/.test(head)) return http("400 Bad Request");
  if (!head.startsWith("GET / ") && !head.startsWith("GET /?")) return http("404 Not Found");
  if (valuesIn(head, "host").length !== 1) return http("400 Bad Request");
  const isUpgrade =
    valuesIn(head, "upgrade")[0] === "websocket" && valuesIn(head, "connection")[0] === "Upgrade";
  if (!isUpgrade) return http("426 Upgrade Required", ["Upgrade: websocket"]);
  const versions = valuesIn(head, "sec-websocket-version");
  if (versions.length !== 1 || versions[0] !== "13") {
    return http("426 Upgrade Required", ["Sec-WebSocket-Version: 13"]);
  }
  const keys = valuesIn(head, "sec-websocket-key");
  const isKey = keys.length === 1 && /^[\w+/]{22}==$/.test(keys[0]!);
  return isKey ? undefined : http("400 Bad Request");
}

/** What the server without faults answers; it speaks the subprotocols chat and wsctl-a. */
export function exemplary(head: string): string {
  const refused = refusal(head);
  if (refused !== undefined) return refused;
  const [offered] = valuesIn(head, "sec-websocket-protocol");
  if (offered === undefined) return switching(head);
  const names = offered.split(",").map((name) => name.trim());
  const isProper =
    new Set(names).size === names.length && names.every((name) => /^[\w-]+$/.test(name));
  if (!isProper) return http("400 Bad Request");
  const chosen = names.find((name) => name === "chat" || name === "wsctl-a");
  if (chosen === undefined) return http("400 Bad Request");
  return switching(head, `Sec-WebSocket-Protocol: ${chosen}`);
}

/** A server that does all right but what `fault` answers; that of undefined is right too. */
export async function startFaulty(
  fault: (head: string) => string | undefined = () => undefined,
): Promise<RawServer> {
  return startRaw({
    answer: (head) => fault(head) ?? exemplary(head),
    // Whoever is not answered waits a moment for it, each time.
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload)),
  });
}

/** The check of that id. */
function checkOf(id: string): Check {
  const check = handshakeChecks.find(({ rule }) => rule.id === id);
  if (!check) throw new Error(`no check ${id}`);
  return check;
}

/** One check, looked at with a server. */
export async function lookWith(id: string, url: string, looking?: Looking): Promise<Seen> {
  return lookAt(url, [checkOf(id)], looking);
}

/** Findings as a table: case, verdict, severity. */
export function rowsOf(findings: readonly Finding[]): string[] {
  return findings.map(({ case: which, verdict, severity }) =>
    [which, verdict, severity].filter((word) => word !== "").join(" | "),
  );
}

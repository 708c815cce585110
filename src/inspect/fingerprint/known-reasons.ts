/**
 * Owns what is known of the words with which libraries end a connection after a frame with the
 * reserved opcode 3. Each was seen from the library itself; those that use no words of their own are
 * told apart from nothing.
 */
import type { ServerHint } from "../../findings/inspection.js";
import { endOf, type Heard, type HeardEnd } from "../heard.js";

type Hint = Pick<ServerHint, "what" | "confidence">;

const reasons: ReadonlyMap<string, string> = new Map([
  ["bad opcode 3", "gorilla/websocket (Go)"],
  ["received unknown opcode opcode(3)", "coder/websocket, formerly nhooyr.io/websocket (Go)"],
  ["invalid opcode", "websockets (Python)"],
  ["Unrecognized Opcode: 0x3", "websocket (Node)"],
  ["Unrecognized frame opcode: 3", "websocket-driver, as in faye-websocket (Node)"],
  ["Received invalid opcode", "Bun"],
  ["bad opc", "libwebsockets (C)"],
]);

/** Greetings of servers that speak before they are spoken to. */
const greetings: readonly (readonly [RegExp, string])[] = [
  [/^0\{"sid":"/, "Engine.IO, which carries Socket.IO"],
  [/^INFO \{"server_id":"/, "NATS"],
];

/** Reactions that are those of several, of which some are known. */
const vague = {
  nothing: "golang.org/x/net/websocket (Go), or another that does not look at opcodes",
  cut: "Tornado or wsproto (Python), or another that cuts without a close frame",
  silent: "ws (Node), aiohttp or an older websockets (Python), or another that gives no reason",
} as const;

function byReason(ended: HeardEnd | undefined): Hint | undefined {
  if (!ended) return { what: vague.nothing, confidence: "tentative" };
  if (ended.kind === "cut") return { what: vague.cut, confidence: "tentative" };
  const { code, reason } = ended.status;
  if (code !== 1002) return undefined;
  const what = reasons.get(reason);
  if (what !== undefined) return { what, confidence: "firm" };
  return reason === "" ? { what: vague.silent, confidence: "tentative" } : undefined;
}

/** What the server is, by what it says before it is spoken to. */
export function greetingOf({ messages: [first] }: Pick<Heard, "messages">): ServerHint[] {
  const greeting = first?.payload.toString("latin1", 0, 40) ?? "";
  const greeted = greetings.find(([pattern]) => pattern.test(greeting));
  return greeted ? [{ what: greeted[1], confidence: "firm", from: "its first message" }] : [];
}

/** What the server probably is, the surest first, by what was heard after such a frame. */
export function hintsOf({ messages, ended }: Heard): ServerHint[] {
  const hints = greetingOf({ messages });
  const hint = byReason(ended);
  const from = ended ? `reserved opcode 3: ${endOf(ended)}` : "reserved opcode 3: passed over";
  // Where the words say nothing of their own, a greeting says more.
  if (hint && (hints.length === 0 || hint.confidence === "firm")) hints.push({ ...hint, from });
  return hints;
}
